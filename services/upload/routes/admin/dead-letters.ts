/** GET /admin/dead-letters and /admin/dead-letters/:id: what failed for good, for the operator. */
import { z } from 'zod';
import { Refusal } from '../../../../shared/errors.ts';
import { type DeadLetter, readDeadLetter, readDeadLetters } from '../../../../shared/ledger/dead-letters.ts';
import { readUpload } from '../../../../shared/ledger/read.ts';
import type { Door, Route } from '../../door.ts';
import { missing } from '../../missing.ts';
import { problem } from '../../problem.ts';
import { uploadView, viewUpload } from '../../views.ts';

const state = z.enum(['waiting', 'trying', 'discarded']);

export const deadLetterView = z
  .object({
    id: z.string().meta({ description: 'Of the upload, or mail-<batch> for a mail' }),
    kind: z.enum(['render', 'mail']),
    state: state.meta({ description: 'waiting for its last try, trying it, or discarded' }),
    batch: z.string(),
    reason: z.string(),
    attempts: z.int(),
    at: z.string().meta({ format: 'date-time', description: 'When it became a dead letter' }),
    upload: uploadView.optional(),
    toolOutput: z.string().optional().meta({ description: 'What ffmpeg or libvips said last' }),
    job: z.string().optional().meta({ description: 'Id of the job that failed on the main queue' }),
    original: z.string().optional().meta({ description: 'Storage key; kept until originalExpiresAt of the upload' }),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterList = z.object({ deadLetters: z.array(deadLetterView) });

export const deadLetters: Route = (door) => async (server) => {
  server.get('/admin/dead-letters', {
    schema: {
      summary: 'What failed for good, the oldest first',
      tags: ['operator'],
      querystring: z.object({ state: state.optional() }),
      response: { 200: deadLetterList, '4xx': problem, '5xx': problem },
    },
    handler: async (request) => {
      const wanted = request.query.state;
      const letters = (await readDeadLetters(door.ledger)).filter(
        (one) => wanted === undefined || one.state === wanted,
      );
      return { deadLetters: await Promise.all(letters.map((letter) => view(door, letter))) };
    },
  });

  server.get('/admin/dead-letters/:id', {
    schema: {
      summary: 'One dead letter',
      tags: ['operator'],
      params: z.object({ id: z.string() }),
      response: { 200: deadLetterView, '4xx': problem, '5xx': problem },
    },
    handler: async (request) => view(door, await existingLetter(door, request.params.id)),
  });
};

export const noSuchLetter = (id: string) => new Refusal(404, `There is no dead letter ${id}.`);

/** @throws Refusal 404 */
async function existingLetter(door: Door, id: string): Promise<DeadLetter> {
  const letter = await readDeadLetter(door.ledger, id);
  if (!letter) throw await missing(door, noSuchLetter(id));
  return letter;
}

async function view({ ledger }: Door, letter: DeadLetter): Promise<z.infer<typeof deadLetterView>> {
  const { id, kind, state, batch, reason, attempts, at } = letter;
  const common = { id, kind, state, batch, reason, attempts, at: new Date(at).toISOString() };
  if (letter.kind === 'mail') return common;
  const upload = await readUpload(ledger, letter.upload);
  return {
    ...common,
    ...(letter.toolOutput !== '' && { toolOutput: letter.toolOutput }),
    ...(letter.job !== undefined && { job: letter.job }),
    ...(upload && { upload: viewUpload(upload), original: upload.original }),
  };
}
