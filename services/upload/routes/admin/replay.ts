/** POST /admin/dead-letters/:id/replay: another try at the end of the queue, or the mail once more. */
import { z } from 'zod';
import { Refusal } from '../../../../shared/errors.ts';
import { keepRecord } from '../../../../shared/keep-record.ts';
import { type DeadLetter, readDeadLetter } from '../../../../shared/ledger/dead-letters.ts';
import { mailOfLetter } from '../../../../shared/ledger/instructor-mail.ts';
import { readBatch, readUpload, type UploadEntry } from '../../../../shared/ledger/read.ts';
import { replayUpload } from '../../../../shared/ledger/replay.ts';
import { resendMail } from '../../../../shared/ledger/resend-mail.ts';
import { recordKey } from '../../../../shared/storage/keys.ts';
import type { Door, Route } from '../../door.ts';
import { missing } from '../../missing.ts';
import { problem } from '../../problem.ts';
import { uploadView, viewUpload } from '../../views.ts';
import { noSuchLetter } from './dead-letters.ts';
import { removeLastTry } from './last-try.ts';

export const replayView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('render'), id: z.string(), upload: uploadView }),
  z.object({ kind: z.literal('mail'), id: z.string(), batch: z.string() }),
]);
type ReplayView = z.infer<typeof replayView>;

export const replay: Route = (door) => async (server) => {
  server.post('/admin/dead-letters/:id/replay', {
    schema: {
      summary: 'Try a dead letter again',
      description:
        'A file goes to the end of the queue; a batch that has finished stays so, and its instructor gets a mail about ' +
        'this file. A mail is sent again. Repeated while that is under way, it changes nothing.',
      tags: ['operator'],
      params: z.object({ id: z.string() }),
      response: { 202: replayView, '4xx': problem, '5xx': problem },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const letter = await readDeadLetter(door.ledger, id);
      const upload = await readUpload(door.ledger, letter?.kind === 'render' ? letter.upload : id);
      const view = await (upload ? renderAgain(door, upload, letter) : sendAgain(door, id));
      const about = { batch: upload?.batch ?? letter?.batch, upload: upload?.id ?? letter?.upload };
      request.log.info(about, `the operator replays a ${view.kind}`);
      reply.code(202);
      return view;
    },
  });
};

/** @throws Refusal 404, 409, 410 */
async function renderAgain(door: Door, upload: UploadEntry, letter: DeadLetter | undefined): Promise<ReplayView> {
  const { id } = upload;
  // Dropped, or never one.
  if (!letter && (upload.state === 'failed' || upload.round === 0)) throw noSuchLetter(id);
  const { outcome } = await replayUpload(door.ledger, door.transcode, upload);
  switch (outcome) {
    case 'unknown':
      throw await missing(door, noSuchLetter(id));
    case 'gone':
      throw new Refusal(410, 'The uploaded file has expired and was removed. It has to be uploaded again.');
    case 'last-try':
      throw new Refusal(409, 'Its last try is still to come, or runs. Replay it when that has failed.');
    case 'not-failed':
      throw new Refusal(409, `The upload is ${upload.state} now: there is nothing to replay.`);
    case 'replayed':
  }
  if (letter) await removeLastTry(door, letter);
  await keepRecord(door, { kind: 'replayed', id });
  const entry = await readUpload(door.ledger, id);
  if (!entry) throw noSuchLetter(id);
  return { kind: 'render', id, upload: viewUpload(entry) };
}

/** @throws Refusal 404, 409 */
async function sendAgain(door: Door, id: string): Promise<ReplayView> {
  const mail = await mailOfLetter(door.ledger, id);
  if (!mail) throw await missing(door, noSuchLetter(id));
  const isRefused = !mail.file && (await readBatch(door.ledger, mail.batch))?.refusedAt !== undefined;
  // The record says that the mail was given up: after a loss of Redis nobody would send it.
  if (isRefused) await door.storage.remove(recordKey.notified(mail.batch));
  if (!(await resendMail(door.ledger, door.notification, mail))) {
    throw new Refusal(409, 'The mail is neither given up nor still to be sent: there is nothing to send again.');
  }
  return { kind: 'mail', id, batch: mail.batch };
}
