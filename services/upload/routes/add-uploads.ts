/** POST /v1/batches/:id/uploads: any number of files, each accepted as it completes. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../../shared/errors.ts';
import type { UploadEntry } from '../../../shared/ledger/read.ts';
import { requestBody } from '../docs.ts';
import type { Door, Route } from '../door.ts';
import { accept, checkRoom } from '../intake/accept.ts';
import { checkedName } from '../intake/file-name.ts';
import { formParts } from '../intake/form.ts';
import { requestName } from '../intake/idempotency.ts';
import { problem } from '../problem.ts';
import { acceptedUploads, type RefusedFile, viewUpload } from '../views.ts';

export const addUploads: Route = (door) => async (server) => {
  server.post('/v1/batches/:id/uploads', {
    schema: {
      summary: 'Add files to an open batch',
      description: 'Each file is accepted as it completes: those that arrived before a broken connection count.',
      tags: ['uploads'],
      params: z.object({ id: z.string() }),
      headers: z.object({ 'idempotency-key': z.string().optional() }),
      response: { 201: acceptedUploads, '4xx': problem, '5xx': problem },
    },
    config: { brings: 'form', ...requestBody({ 'multipart/form-data': z.object({ file: z.array(z.file()) }) }) },
    handler: async (request, reply) => {
      if (!request.isMultipart()) throw new Refusal(415, 'Send the files as multipart/form-data.');
      const { uploads, refused } = await acceptAll(door, request.params.id, request);
      const [first] = refused;
      if (uploads.length === 0) {
        throw first ? new Refusal(first.status, first.detail) : new Refusal(400, 'The form has no file.');
      }
      reply.code(201);
      return { uploads: uploads.map(viewUpload), refused };
    },
  });
};

async function acceptAll(door: Door, batch: string, request: FastifyRequest) {
  const key = request.headers['idempotency-key'];
  if (key === undefined) await checkRoom(door, batch);
  const uploads: UploadEntry[] = [];
  const refused: RefusedFile[] = [];
  for await (const part of formParts(request, door.config.maxBatchFiles)) {
    if (part.type === 'field') continue;
    const { index, body } = part;
    const idempotency = requestName(key, 'form', batch, index);
    try {
      uploads.push(await accept(door, { batch, name: checkedName(part.name), body }, idempotency, request.log));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push({ index, name: part.name ?? '', status: error.status, detail: error.message });
    }
  }
  return { uploads, refused };
}
