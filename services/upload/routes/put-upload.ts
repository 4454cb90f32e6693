/** PUT /v1/batches/:id/uploads/:name: one raw body. */
import { z } from 'zod';
import { Refusal } from '../../../shared/errors.ts';
import { requestBody } from '../docs.ts';
import type { Route } from '../door.ts';
import { accept } from '../intake/accept.ts';
import { checkedName } from '../intake/file-name.ts';
import { requestName } from '../intake/idempotency.ts';
import { problem } from '../problem.ts';
import { uploadView, viewUpload } from '../views.ts';

const RAW = 'application/octet-stream';

export const putUpload: Route = (door) => async (server) => {
  // The body is the file, whatever its Content-Type says; it is streamed, not parsed.
  server.addHook('onRequest', async (request) => {
    request.headers['content-type'] = RAW;
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(RAW, (_request, _payload, done) => done(null));

  server.put('/v1/batches/:id/uploads/:name', {
    schema: {
      summary: 'Send one file as the raw body',
      tags: ['uploads'],
      params: z.object({ id: z.string(), name: z.string() }),
      headers: z.object({ 'idempotency-key': z.string().optional() }),
      response: { 201: uploadView, '4xx': problem, '5xx': problem },
    },
    config: { brings: 'file', ...requestBody({ [RAW]: z.file() }) },
    handler: async (request, reply) => {
      const { id: batch } = request.params;
      const name = checkedName(request.params.name);
      const idempotency = requestName(request.headers['idempotency-key'], 'upload', batch, name);
      const bytes = announcedLength(request.headers['content-length']);
      reply.code(201);
      return viewUpload(await accept(door, { batch, name, body: request.raw, bytes }, idempotency, request.log));
    },
  });
};

/** undefined for a chunked body. Node has checked the syntax of the header. */
function announcedLength(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const length = Number(header);
  if (!Number.isSafeInteger(length)) throw new Refusal(400, 'Content-Length is not a length.');
  return length;
}
