/**
 * Without API keys, a web page that the user happens to visit must not reach this server through their browser: neither
 * by a cross-site request (Origin) nor by DNS rebinding (Host).
 */
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../shared/config.ts';
import { Refusal } from '../../shared/errors.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Pages of other origins may show it, as pictures and videos are shown; reading it stays forbidden to them by CORS. */
    embeddable?: boolean;
  }
}

/** A hook that refuses requests whose Host or Origin is neither loopback, nor HOST, nor that of PUBLIC_URL: 403. */
export function guardLoopback(config: Pick<Config, 'host' | 'publicUrl'>) {
  const allowed = new Set([...LOOPBACK, config.host.toLowerCase(), new URL(config.publicUrl).hostname]);
  const isAllowed = (url: string) => URL.canParse(url) && allowed.has(new URL(url).hostname);

  return async (request: FastifyRequest): Promise<void> => {
    if (!isAllowed(`http://${request.headers.host ?? ''}`)) {
      throw new Refusal(403, `This server does not answer for the host ${request.headers.host}. Set PUBLIC_URL to it.`);
    }
    const { origin } = request.headers;
    if (origin !== undefined && !isAllowed(origin) && !request.routeOptions.config.embeddable) {
      throw new Refusal(403, `Pages of ${origin} may not use this server.`);
    }
  };
}
