/** POST /v1/batches: JSON opens a batch; a form with files makes a whole one, all or nothing, and seals it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { keepRecord } from '../../../shared/keep-record.ts';
import { openBatch } from '../../../shared/ledger/open.ts';
import { isUnrecorded } from '../../../shared/ledger/unrecorded.ts';
import { requestBody } from '../docs.ts';
import type { Door, Route } from '../door.ts';
import { logAccepted } from '../intake/accept.ts';
import { requestName } from '../intake/idempotency.ts';
import { newBatch, parseNewBatch } from '../intake/new-batch.ts';
import { receiveBatch } from '../intake/receive-batch.ts';
import { recovering } from '../missing.ts';
import { problem } from '../problem.ts';
import { type BatchView, batchView, viewBatch } from '../views.ts';
import { existingBatch } from './read-batch.ts';

const formFields = z.object({
  instructor: z.email(),
  title: z.string().optional(),
  file: z.array(z.file()).meta({ description: 'The files, in order; the fields come before the first' }),
});

export const createBatch: Route = (door) => async (server) => {
  server.post('/v1/batches', {
    schema: {
      summary: 'Open a batch, or send a whole one',
      description:
        'JSON opens a batch (201). A form with the fields and then the files makes a sealed one (202): all files or ' +
        'none, in the order of the form. Files that are refused are listed in `refused`.',
      tags: ['batches'],
      headers: z.object({ 'idempotency-key': z.string().optional() }),
      response: { 201: batchView, 202: batchView, '4xx': problem, '5xx': problem },
    },
    config: { brings: 'form', ...requestBody({ 'application/json': newBatch, 'multipart/form-data': formFields }) },
    handler: async (request, reply): Promise<BatchView> =>
      request.isMultipart() ? wholeBatch(door, request, reply) : emptyBatch(door, request, reply),
  });
};

async function emptyBatch(door: Door, request: FastifyRequest, reply: FastifyReply): Promise<BatchView> {
  const fields = parseNewBatch(request.body ?? {});
  const idempotency = requestName(request.headers['idempotency-key'], 'open', fields.instructor);
  const batch = { id: uuidv7(), ...fields, idempotency };
  const id = await openBatch(door.ledger, batch);
  if (id === undefined) throw recovering();
  const what = { kind: 'batch', id } as const;
  if (await isUnrecorded(door.ledger, what)) await keepRecord(door, what);
  if (id === batch.id) request.log.info({ batch: id }, 'batch opened');
  reply.code(201);
  return viewBatch(await existingBatch(door, id));
}

async function wholeBatch(door: Door, request: FastifyRequest, reply: FastifyReply): Promise<BatchView> {
  const { id, refused, repeat } = await receiveBatch(door, request);
  const entry = await existingBatch(door, id);
  if (!repeat) {
    const log = request.log.child({ batch: id });
    for (const upload of entry.uploads) logAccepted(log, upload);
    log.info({ files: entry.uploads.length, refused: refused.length }, 'batch sealed');
  }
  reply.code(202);
  return { ...viewBatch(entry), ...(refused.length > 0 && { refused: [...refused] }) };
}
