/** The hooks that refuse requests whose dependencies are away or full, before their body is read. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../shared/errors.ts';
import type { Door } from './door.ts';
import type { Lookout } from './lookout.ts';
import { obstacleOf } from './obstacle.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It brings files or opens a batch for them. */
    brings?: 'files';
  }
}

/** @throws Refusal 503 or 507 with the time after which to try again. */
export function admission(lookout: Lookout, { config }: Pick<Door, 'config'>) {
  return async (request: FastifyRequest): Promise<void> => {
    const surroundings = lookout.surroundings();
    const { url } = request;
    const needsQueue = url.startsWith('/v1/') || url.startsWith('/admin/');
    if (!needsQueue) return;
    const needs = request.routeOptions.config.brings === 'files' ? surroundings : onlyQueue(surroundings.away);
    const obstacle = obstacleOf(needs, config.admission, Number(request.headers['content-length'] ?? 0));
    if (obstacle)
      throw new Refusal(obstacle.status, obstacle.detail, { retryAfterSeconds: obstacle.retryAfterSeconds });
  };
}

/** What does not bring files needs no room, and reads what it needs of the storage by itself. */
const onlyQueue = (away: 'queue' | 'storage' | undefined) => ({
  away: away === 'queue' ? away : undefined,
  measures: undefined,
  storageFreeBytes: undefined,
  storageFull: false,
});
