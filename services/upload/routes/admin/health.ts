/** GET /admin/health: how the house is, why, and what it was measured by. */
import { z } from 'zod';
import { HOUSE_STATES } from '../../../../shared/house-health.ts';
import type { Route } from '../../door.ts';
import { lookAtHouse } from '../../house.ts';

export const healthView = z
  .object({
    state: z.enum(HOUSE_STATES),
    reasons: z.array(z.string()).meta({ description: 'One sentence each, the critical ones first' }),
    queue: z
      .object({
        whole: z.boolean().meta({ description: 'False while the index is being rebuilt from the storage' }),
        backlog: z.int().meta({ description: 'Files that wait' }),
        oldestWaitingMs: z.number(),
        settled: z.object({ count: z.int(), failed: z.int(), averageWaitMs: z.number() }).meta({
          description: 'Of the last hour, the last 500 at most',
        }),
        deadLetters: z.object({ waiting: z.int(), discarded: z.int() }),
        transcoders: z.array(z.object({ name: z.string(), freeBytes: z.number() })),
        paused: z.boolean(),
        redisMemoryShare: z.number().optional(),
      })
      .optional()
      .meta({ description: 'Absent when Redis does not answer' }),
    storage: z.object({
      answers: z.boolean(),
      freeBytes: z.number().optional(),
      full: z.boolean().meta({ description: 'It has refused a body for want of room a moment ago' }),
    }),
  })
  .meta({ id: 'HouseHealth' });

export const houseState: Route = (door) => async (server) => {
  server.get('/admin/health', {
    schema: {
      summary: 'How the house is',
      description: 'Answers 200 in every state; /readyz is for probes.',
      tags: ['operator'],
      response: { 200: healthView },
    },
    config: { needsNothing: true },
    handler: async () => {
      const { health, queue, storage } = await lookAtHouse(door);
      return {
        state: health.state,
        reasons: [...health.reasons],
        storage,
        ...(queue && { queue: { ...queue, transcoders: [...queue.transcoders] } }),
      };
    },
  });
};
