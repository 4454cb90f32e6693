/** Instructors who do not give up: whatever has no answer is sent again with the same Idempotency-Key. */
import { setTimeout as pause } from 'node:timers/promises';
import type { UploadView } from '../../services/upload/views.ts';
import { Client, type FormFile } from '../support/client.ts';
import type { FaultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { type Contents, padded } from './contents.ts';
import type { Plan, PlannedBatch, PlannedFile } from './plan.ts';

export interface Acknowledged {
  readonly batch: string;
  readonly upload: string;
  readonly file: PlannedFile;
  /** As it was answered. */
  readonly sequence: number;
  /** When the request that has it was begun first, and when its answer was there: ms of one clock that never goes back. */
  readonly sentAt: number;
  readonly acknowledgedAt: number;
}

export interface Instructor {
  readonly client: Client;
  readonly acknowledged: readonly Acknowledged[];
  readonly batches: readonly string[];
  /** Names of all files of batches that were begun. */
  readonly sent: readonly string[];
  /** Requests that had to be sent again. */
  readonly repeated: () => number;
  /**
   * Resolves when everything is sent, spare batches too for as long as more is wanted, and every batch is sealed.
   * @throws Error when an answer is not about the files that were sent.
   */
  send(wantsMore: () => boolean): Promise<void>;
}

const AGAIN_AFTER_MS = 150;
/** Instructors who send at the same time. */
const AT_ONCE = 2;

export function instructorOf(plan: Plan, contents: Contents, url: string, ffmpeg: FaultyFfmpeg): Instructor {
  const client = new Client(url);
  const acknowledged: Acknowledged[] = [];
  const batches: string[] = [];
  const sent: string[] = [];
  let repeated = 0;

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
    const body = padded(contents[file.content], file.padding);
    await ffmpeg.setFates(body.length, file.fates);
    return body;
  };

  const sendBatch = async (batch: PlannedBatch, number: number) => {
    const key = (what: string) => ({ 'idempotency-key': `${plan.seed}-${number}-${what}` });
    const fields = { instructor: `instructor-${number}@example.org`, title: `Batch ${number}` };
    const forms = async () => {
      const files: FormFile[] = [];
      for (const file of batch.files) files.push({ name: file.name, content: await bodyOf(file) });
      return files;
    };
    sent.push(...batch.files.map(({ name }) => name));
    let sentAt = performance.now();
    const note = (id: string, files: readonly PlannedFile[], uploads: readonly UploadView[]) => {
      const [should, is] = [files, uploads].map((some) => some.map(({ name }) => name).join(', '));
      if (is !== should) throw new Error(`sent ${should}, and the answer is about ${is}`);
      const acknowledgedAt = performance.now();
      for (const [place, file] of files.entries()) {
        const upload = uploads[place];
        if (!upload) continue;
        acknowledged.push({ batch: id, upload: upload.id, file, sequence: upload.sequence, sentAt, acknowledgedAt });
      }
    };
    if (batch.way === 'whole') {
      const files = await forms();
      sentAt = performance.now();
      const { id, uploads } = await untilAnswered(() => client.sendBatch(fields, files, key('whole')));
      batches.push(id);
      return note(id, batch.files, uploads);
    }
    const { id } = await untilAnswered(() => client.openBatch(fields, key('open')));
    batches.push(id);
    if (batch.way === 'form') {
      const files = await forms();
      sentAt = performance.now();
      note(id, batch.files, (await untilAnswered(() => client.addUploads(id, files, key('form')))).uploads);
    } else {
      for (const file of batch.files) {
        const body = await bodyOf(file);
        sentAt = performance.now();
        note(id, [file], [await untilAnswered(() => client.putUpload(id, file.name, body, key(file.name)))]);
      }
    }
    await untilAnswered(() => client.sealBatch(id));
  };

  /** Or no more is wanted. */
  const allFinished = async (wantsMore: () => boolean) => {
    for (const id of batches) {
      while (wantsMore() && (await untilAnswered(() => client.readBatch(id))).state !== 'finished') {
        await pause(AGAIN_AFTER_MS);
      }
    }
  };

  return {
    client,
    acknowledged,
    batches,
    sent,
    repeated: () => repeated,
    async send(wantsMore) {
      const numbered = plan.batches.entries();
      const sendNext = async () => {
        for (const [number, batch] of numbered) await sendBatch(batch, number);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
      for (const [index, batch] of plan.spare.entries()) {
        await allFinished(wantsMore);
        if (!wantsMore()) return;
        await sendBatch(batch, plan.batches.length + index);
      }
    },
  };
}
