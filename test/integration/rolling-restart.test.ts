/** Law 8 and law 2: transcoders that are stopped and started again, one after the other, while files go through. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeImage, makeVideo } from '../../fixtures/make.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { eventually } from '../support/eventually.ts';
import { startFleet } from '../support/fleet.ts';
import { outOfOrder } from '../support/order.ts';
import type { ServiceProcess } from '../support/service.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NAMES = ['a', 'b', 'c'];
const GONE_WITHIN_MS = 10_000;

it('of three transcoders keeps the order, uses no attempt, and renders nothing twice at once', async () => {
  await using directory = await temporaryDirectory();
  const clip = await readFile(await makeVideo({ file: join(directory.path, 'clip.mp4') }));
  const picture = await readFile(
    await makeImage({ file: join(directory.path, 'picture.jpg'), width: 400, height: 300 }),
  );
  await using fleet = await startFleet();
  const { client, ffmpeg } = fleet;
  const running = new Map<string, ServiceProcess>();
  await Promise.all(NAMES.map(async (name) => running.set(name, await fleet.transcoder(name))));
  const files = Array.from({ length: 10 }, (_, index) => ({
    name: `${index}`,
    content: index % 4 === 0 ? clip : picture,
  }));
  const { id } = (await client.sendBatch({ instructor: 'ada@example.org' }, files)).body;
  await eventually(async () => expect(await ffmpeg.renders()).toBe(1), { within: 10_000 });

  const busy = await fleet.busy();
  for (const name of [busy, ...NAMES.filter((other) => other !== busy)]) {
    const old = running.get(name);
    if (!old) throw new Error(`no transcoder ${name}`);
    process.kill(old.pid, 'SIGTERM');
    const askedAt = Date.now();
    expect(await old.ended).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(GONE_WITHIN_MS);
    await fleet.transcoder(name);
  }

  const { uploads } = await eventually(
    async () => {
      const { body } = await client.readBatch(id);
      if (body.state !== 'finished') throw new Error(`not finished: ${JSON.stringify(body.uploads)}`);
      return body;
    },
    { within: 30_000 },
  );
  expect(uploads.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(files.map(() => 'ready 1'));
  expect(outOfOrder(uploads)).toEqual([]);
  expect(await ffmpeg.overlaps()).toEqual([]);
  expect(await fleet.door.ledger.redis.hget(ledgerKey.counters, 'deaths')).toBeNull();
  const jobs = await fleet.door.transcode.getCompleted();
  expect(jobs.map(({ stalledCounter }) => stalledCounter)).toEqual(files.map(() => 0));
});
