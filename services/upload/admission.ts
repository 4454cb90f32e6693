/** Refuses requests whose dependencies are away or full, before their body is read. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../shared/errors.ts';
import type { Door } from './door.ts';
import { obstacleOf, queueObstacle } from './obstacle.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It brings files, or opens a batch for them: `file` is one raw body, `form` any number. */
    brings?: 'file' | 'form';
    /** It answers also when Redis does not. */
    needsNothing?: true;
  }
}

/** A hook. @throws Refusal 503 or 507, with the time after which to try again. */
export function admission({ lookout, config }: Pick<Door, 'lookout' | 'config'>) {
  return async ({ headers, routeOptions }: FastifyRequest): Promise<void> => {
    const {
      url = '',
      config: { brings, needsNothing },
    } = routeOptions;
    if (needsNothing || !/^\/(v1|admin)\//.test(url)) return;
    const surroundings = lookout.surroundings();
    const bytes = Number(headers['content-length'] ?? 0);
    const obstacle = brings
      ? obstacleOf(surroundings, config.admission, { bytes, largestFileBytes: brings === 'file' ? bytes : 0 })
      : queueObstacle(surroundings);
    if (!obstacle) return;
    const { status, detail, retryAfterSeconds } = obstacle;
    throw new Refusal(status, detail, { retryAfterSeconds });
  };
}
