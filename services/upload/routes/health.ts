/** /healthz: the process lives. /readyz: it can take uploads, because Redis and storage answer and the ledger is whole. */
import { z } from 'zod';
import { Refusal } from '../../../shared/errors.ts';
import { dependenciesAnswer } from '../../../shared/health.ts';
import type { Route } from '../door.ts';
import { ledgerObstacle } from '../obstacle.ts';
import { describe, problem } from '../problem.ts';

const ok = z.object({ status: z.literal('ok') });

export const health: Route = (door) => async (server) => {
  server.get('/healthz', {
    schema: { summary: 'The process lives', tags: ['health'], response: { 200: ok } },
    handler: async () => ({ status: 'ok' }) as const,
  });

  server.get('/readyz', {
    schema: { summary: 'Redis and storage answer', tags: ['health'], response: { 200: ok, 503: problem } },
    handler: async () => {
      const obstacle = ledgerObstacle(door.lookout.surroundings());
      if (obstacle) throw new Refusal(503, obstacle.detail);
      try {
        await dependenciesAnswer(door.ledger.redis, door.storage);
      } catch (error) {
        throw new Refusal(503, describe(error instanceof Error ? error : new Error(String(error))).detail, {
          cause: error,
        });
      }
      // Files are admitted by what was seen last: who is told that the outage is over must not be refused for it.
      if (!door.lookout.surroundings().storage.answers) await door.lookout.lookAtStorage();
      return { status: 'ok' } as const;
    },
  });
};
