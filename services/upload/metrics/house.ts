/** How the house is just now, as Prometheus gauges. */
import { Gauge, type Registry } from 'prom-client';
import { HOUSE_STATES } from '../../../shared/house-health.ts';
import type { House } from '../house.ts';

export function houseMetrics(registry: Registry, { health, queue, storage }: House): void {
  const gauge = (name: string, help: string, value: number | undefined) => {
    if (value === undefined) return;
    new Gauge({ name: `projectionist_${name}`, help, registers: [registry] }).set(value);
  };
  const registers = [registry];

  const states = new Gauge({
    name: 'projectionist_health',
    help: '1 for the state that the house is in.',
    labelNames: ['state'],
    registers,
  });
  for (const state of HOUSE_STATES) states.set({ state }, state === health.state ? 1 : 0);
  gauge('redis_up', 'Whether Redis answers; without it only this and the storage is known.', queue ? 1 : 0);
  gauge('storage_up', 'Whether the storage answers.', storage.answers ? 1 : 0);
  gauge('storage_free_bytes', 'Room in the storage, where it can say.', storage.freeBytes);
  if (!queue) return;

  gauge('queue_depth', 'Files that wait.', queue.backlog);
  gauge('oldest_waiting_seconds', 'How long the head of the queue has waited.', queue.oldestWaitingMs / 1000);
  gauge(
    'wait_seconds_average',
    'Wait until the first start, over the files settled in the last hour (the last 500 at most).',
    queue.settled.averageWaitMs / 1000,
  );
  gauge('settled_last_hour', 'Files settled in the last hour, 500 at most.', queue.settled.count);
  gauge('failed_last_hour', 'Those of them that failed.', queue.settled.failed);
  const letters = new Gauge({
    name: 'projectionist_dead_letters',
    help: 'Dead letters that wait for their last try or are at it, and discarded ones that are kept.',
    labelNames: ['state'],
    registers,
  });
  letters.set({ state: 'waiting' }, queue.deadLetters.waiting);
  letters.set({ state: 'discarded' }, queue.deadLetters.discarded);
  gauge('transcoders', 'Transcoders that gave a sign of life in the last half minute.', queue.transcoders.length);
  gauge('queue_paused', 'Whether the operator has paused the queue.', queue.paused ? 1 : 0);
  gauge('redis_memory_share', 'Share of its memory limit that Redis uses, if it has one.', queue.redisMemoryShare);
}
