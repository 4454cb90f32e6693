/** An instructor who does not give up: whatever has no answer is sent again with the same Idempotency-Key. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type FormFile } from '../support/client.ts';
import type { FaultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { type Contents, isVideo, unique } from './contents.ts';
import type { Plan, PlannedBatch, PlannedFile } from './plan.ts';

export interface Acknowledged {
  readonly batch: string;
  readonly upload: string;
  readonly file: PlannedFile;
}

export interface Instructor {
  readonly client: Client;
  readonly acknowledged: readonly Acknowledged[];
  readonly batches: readonly string[];
  /** Requests that had to be sent again. */
  readonly repeated: () => number;
  /** Resolves when everything is sent and every batch is sealed. */
  send(): Promise<void>;
}

const AGAIN_AFTER_MS = 150;

export function instructorOf(plan: Plan, contents: Contents, url: string, ffmpeg: FaultyFfmpeg): Instructor {
  const client = new Client(url);
  const acknowledged: Acknowledged[] = [];
  const batches: string[] = [];
  let repeated = 0;
  let index = 0;

  const untilAnswered = async <T>(request: () => Promise<{ readonly body: T }>): Promise<T> => {
    for (;;) {
      try {
        return (await request()).body;
      } catch (error) {
        const { status } = error as { status?: number };
        // What is said to the client's face is a fault of the run, not an outage.
        if (status !== undefined && status < 500) throw error;
        repeated++;
        await pause(AGAIN_AFTER_MS);
      }
    }
  };
  const bodyOf = async (file: PlannedFile) => {
    const content = contents[file.content];
    const body = isVideo(file.content) ? unique(content, index++) : content;
    await ffmpeg.setFates(body.length, file.fates);
    return body;
  };

  const sendBatch = async (batch: PlannedBatch, number: number) => {
    const key = (what: string) => ({ 'idempotency-key': `${plan.seed}-${number}-${what}` });
    const fields = { instructor: `instructor-${number}@example.org`, title: `Batch ${number}` };
    if (batch.way === 'whole') {
      const files: FormFile[] = [];
      for (const file of batch.files) files.push({ name: file.name, content: await bodyOf(file) });
      const { id, uploads } = await untilAnswered(() => client.sendBatch(fields, files, key('whole')));
      batches.push(id);
      for (const [place, upload] of uploads.entries()) {
        const file = batch.files[place];
        if (file) acknowledged.push({ batch: id, upload: upload.id, file });
      }
      return;
    }
    const { id } = await untilAnswered(() => client.openBatch(fields, key('open')));
    batches.push(id);
    for (const file of batch.files) {
      const body = await bodyOf(file);
      const upload = await untilAnswered(() => client.putUpload(id, file.name, body, key(file.name)));
      acknowledged.push({ batch: id, upload: upload.id, file });
    }
    await untilAnswered(() => client.sealBatch(id));
  };

  return {
    client,
    acknowledged,
    batches,
    repeated: () => repeated,
    async send() {
      for (const [number, batch] of plan.batches.entries()) await sendBatch(batch, number);
    },
  };
}
