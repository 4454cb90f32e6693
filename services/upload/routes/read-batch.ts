/** GET /v1/batches/:id */
import { z } from 'zod';
import { type BatchEntry, readBatch as readEntry } from '../../../shared/ledger/read.ts';
import type { Door, Route } from '../door.ts';
import { missing, noSuchBatch } from '../missing.ts';
import { problem } from '../problem.ts';
import { batchView, viewBatch } from '../views.ts';

export const readBatch: Route = (door) => async (server) => {
  server.get('/v1/batches/:id', {
    schema: {
      summary: 'A batch and its uploads',
      tags: ['batches'],
      params: z.object({ id: z.string() }),
      response: { 200: batchView, '4xx': problem, '5xx': problem },
    },
    handler: async (request) => viewBatch(await existingBatch(door, request.params.id)),
  });
};

/** @throws Refusal 404 */
export async function existingBatch(door: Door, id: string): Promise<BatchEntry> {
  const batch = await readEntry(door.ledger, id);
  if (!batch) throw await missing(door, noSuchBatch(id));
  return batch;
}
