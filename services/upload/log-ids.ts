/** Every line about a request names the batch, upload or dead letter in its path. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

const params = z.object({ id: z.string().optional(), upload: z.string().optional() }).catch({});

/** What the `:id` of a path is of. */
const ofId: readonly (readonly [path: string, name: string])[] = [
  ['/v1/batches/', 'batch'],
  ['/v1/uploads/', 'upload'],
  ['/admin/dead-letters/', 'deadLetter'],
];

/** A hook. */
export async function logIds(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { url = '' } = request.routeOptions;
  const { id, upload } = params.parse(request.params);
  const name = ofId.find(([path]) => url.startsWith(path))?.[1];
  const ids = {
    ...(name !== undefined && id !== undefined && { [name]: id }),
    ...(upload !== undefined && { upload }),
  };
  if (Object.keys(ids).length === 0) return;
  request.log = request.log.child(ids);
  reply.log = request.log;
}
