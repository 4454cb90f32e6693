/** Stopping the door: no new requests, those that run may finish for a while, then the rest is cut off. */
import type { Server } from './door.ts';

/** Inside the 9 s that a service has to stop. */
const FINISH_WITHIN_MS = 5000;

/**
 * A connection whose answer is just ending when the server closes is neither idle yet nor closed afterwards, and would
 * be waited for until its keep-alive ends (seen on Node 24). So idle connections are closed again and again.
 */
const CLOSE_IDLE_EVERY_MS = 50;

const running = new WeakMap<Server, Set<unknown>>();

/** Handlers are noted from here on: those of the routes that are registered afterwards. */
export function noteHandlers(server: Server): void {
  const handlers = new Set<unknown>();
  running.set(server, handlers);
  server.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = function (request, reply) {
      const answer = handler.call(this, request, reply);
      if (answer instanceof Promise) {
        handlers.add(answer);
        answer.catch(() => {}).finally(() => handlers.delete(answer));
      }
      return answer;
    };
  });
}

/** Resolves when the handlers have ended too: one whose connection was cut off clears away what it had stored. */
export async function closeServer(server: Server): Promise<void> {
  const idle = setInterval(() => server.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  const cutOff = setTimeout(() => server.server.closeAllConnections(), FINISH_WITHIN_MS);
  try {
    await server.close();
  } finally {
    clearInterval(idle);
    clearTimeout(cutOff);
  }
  await Promise.allSettled(running.get(server) ?? []);
}
