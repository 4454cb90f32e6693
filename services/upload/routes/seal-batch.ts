/** POST /v1/batches/:id/seal */
import { z } from 'zod';
import { Refusal } from '../../../shared/errors.ts';
import { keepRecord } from '../../../shared/keep-record.ts';
import { sealBatch as seal } from '../../../shared/ledger/seal.ts';
import { announceFinished } from '../../../shared/queues.ts';
import type { Route } from '../door.ts';
import { missing, noSuchBatch } from '../missing.ts';
import { problem } from '../problem.ts';
import { batchView, viewBatch } from '../views.ts';
import { existingBatch } from './read-batch.ts';

export const sealBatch: Route = (door) => async (server) => {
  server.post('/v1/batches/:id/seal', {
    schema: {
      summary: 'Seal a batch: it takes no more files',
      description: 'Can be repeated. When all its files have settled, the batch is finished and the mail goes out.',
      tags: ['batches'],
      params: z.object({ id: z.string() }),
      response: { 200: batchView, '4xx': problem, '5xx': problem },
    },
    handler: async (request) => {
      const { id } = request.params;
      const sealing = await seal(door.ledger, id);
      if (sealing === 'unknown') throw await missing(door, noSuchBatch(id));
      if (sealing === 'empty') throw new Refusal(409, 'The batch has no files. Send at least one before sealing it.');
      await keepRecord(door, { kind: 'sealed', id });
      request.log.info({ state: sealing }, 'batch sealed');
      if (sealing === 'finished') await announceFinished(door.notification, id);
      return viewBatch(await existingBatch(door, id));
    },
  });
};
