/** GET /metrics: what the whole house has counted and how it is, for Prometheus. Any upload service says the same of it. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { z } from 'zod';
import { readCounters } from '../../../shared/ledger/counters.ts';
import type { Route } from '../door.ts';
import { askRedis, lookAtHouse } from '../house.ts';
import { counterMetrics } from '../metrics/counters.ts';
import { houseMetrics } from '../metrics/house.ts';

export const metrics: Route = (door) => async (server) => {
  const ownProcess = new Registry();
  collectDefaultMetrics({ register: ownProcess });

  server.get('/metrics', {
    schema: {
      summary: 'Metrics for Prometheus',
      description: 'Those named projectionist_ are of the whole house, the others of this process.',
      tags: ['health'],
      response: { 200: z.string() },
    },
    serializerCompiler: () => String,
    handler: async (_request, reply) => {
      const [house, counters] = await Promise.all([lookAtHouse(door), askRedis(door, () => readCounters(door.ledger))]);
      const ofHouse = new Registry();
      houseMetrics(ofHouse, house);
      if (counters) counterMetrics(ofHouse, counters);
      reply.type(ownProcess.contentType);
      return (await Promise.all([ofHouse.metrics(), ownProcess.metrics()])).join('\n');
    },
  });
};
