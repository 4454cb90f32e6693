/** The whole way of a file: sent over HTTP to a running house, until its manifest is there. */
import { createReadStream } from 'node:fs';
import type { Quality } from '../../../services/transcoder/ladder.ts';
import { eventually } from '../../support/eventually.ts';
import { startHouse } from '../../support/house.ts';
import { measured, type Usage } from './usage.ts';

const READY_WITHIN_MS = 3_600_000;

/** Starting and stopping the house is not measured. */
export async function mainJob(file: string, quality: Quality): Promise<Usage> {
  await using house = await startHouse({ QUALITY: quality, LOG_LEVEL: 'warn' });
  const batch = (await house.client.openBatch({ instructor: 'ada@example.org' })).body.id;
  const [, usage] = await measured(async () => {
    const upload = (await house.client.putUpload(batch, 'lecture.mp4', createReadStream(file))).body.id;
    await eventually(
      async () => {
        const { state } = (await house.client.readUpload(upload)).body;
        if (state !== 'ready') throw new Error(`it is ${state}`);
      },
      { within: READY_WITHIN_MS },
    );
  });
  return usage;
}
