/** Where the upload service of this stack listens, and how it is reached from this machine. */
import { isIPv6 } from 'node:net';
import type { Config } from '../../shared/config.ts';
import { Misconfigured } from '../../shared/errors.ts';
import { CannotGoOn } from './cannot-go-on.ts';
import { canListen, freePort } from './free-port.ts';

/** Listening on these means listening on every address, and nobody can connect to them. */
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

/**
 * PORT if it is given, else a free one; chosen once, so that a service that is started again keeps it.
 * @throws CannotGoOn when PORT is taken, Misconfigured when nobody could listen there.
 */
export async function choosePort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<number> {
  try {
    if (port === 0) return await freePort(host);
    if (await canListen(port, host)) return port;
  } catch (error) {
    throw new Misconfigured(`HOST, PORT: ${error instanceof Error ? error.message : error}`);
  }
  throw new CannotGoOn(`PORT: ${port} is taken by another program. Choose another, or none for a free one.`);
}

/** The address for a client on this machine, no slash at the end. */
export function localUrl(host: string, port: number): string {
  const reachable = EVERY_ADDRESS.has(host) ? '127.0.0.1' : host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}
