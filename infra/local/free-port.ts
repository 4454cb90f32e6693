/** A TCP port that nobody listens on and that nobody takes by accident while its owner restarts. */
import { createServer } from 'node:net';

/**
 * Below the ports that kernels give to outgoing connections (Linux from 32768, macOS from 49152): a service that is
 * started again finds its port free.
 */
const FIRST = 20_000;
const LAST = 31_999;
const TRIES = 100;

export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (await canListen(port, host)) return port;
  }
  throw new Error(`${TRIES} ports between ${FIRST} and ${LAST} are all taken on ${host}`);
}

/** @returns false when the port is taken. @throws the system's error when the host is not an address of this machine. */
export function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
