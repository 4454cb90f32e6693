/** A TCP proxy before a dependency, which can be cut off: what was connected breaks, and nobody gets through. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Breakable extends AsyncDisposable {
  /** `http://…`, whatever is spoken through it. */
  readonly url: string;
  cut(): void;
  mend(): void;
}

/** @param target URL of the server. */
export async function breakable(target: string): Promise<Breakable> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let broken = false;
  const server = createServer((client) => {
    client.on('error', () => {});
    if (broken) return void client.destroy();
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
    client.pipe(upstream).pipe(client);
  });
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      broken = true;
      cutAll();
    },
    mend() {
      broken = false;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cutAll();
      if (server.listening) await once(server, 'close');
    },
  };
}
