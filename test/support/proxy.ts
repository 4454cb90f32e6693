/** A TCP proxy of a test's own before a server: to break what comes back, keep back what is asked, or cut the server off. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy extends AsyncDisposable {
  /** The server's URL by way of the proxy. */
  readonly url: string;
  /** Bytes that came back through it so far. */
  readonly passed: () => number;
  /** What was connected breaks, and nobody gets through. */
  cut(): void;
  mend(): void;
}

/**
 * What becomes of a piece of an answer; undefined cuts the connection instead.
 * @param connection counts the connections from 0.
 */
export type Spoil = (piece: Buffer, connection: number) => Buffer | undefined;

/**
 * @param target URL of the server.
 * @param onRequest what becomes of a piece of a request: `cut` cuts the connection instead.
 */
export async function startProxy(
  target: string,
  spoil: Spoil = (piece) => piece,
  onRequest: (piece: Buffer) => 'passed' | 'kept' | 'cut' = () => 'passed',
): Promise<Proxy> {
  const { hostname, port, protocol } = new URL(target);
  const sockets = new Set<Socket>();
  let passed = 0;
  let connections = 0;
  let isCut = false;
  const server = createServer((client) => {
    client.on('error', () => {});
    if (isCut) return void client.destroy();
    const connection = connections++;
    const upstream = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (piece: Buffer) => {
      const becomes = onRequest(piece);
      if (becomes === 'cut') client.destroy();
      if (becomes === 'passed' && !upstream.write(piece)) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
    client.on('end', () => upstream.end());
    upstream.on('data', (piece: Buffer) => {
      const spoiled = spoil(piece, connection);
      if (spoiled === undefined) client.destroy();
      else client.write(spoiled);
      passed += piece.length;
    });
  });
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      breakAll();
      if (server.listening) await once(server, 'close');
    },
  };
}
