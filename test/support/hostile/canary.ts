/**
 * What a hostile file would have us open: files and an HTTP server that notice it. The files are pipes, and somebody waits
 * at each to write: the wait is over when anybody opens it to read, whatever is read then.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

export interface Canary extends AsyncDisposable {
  /** Absolute paths; the names end as those of media do. */
  readonly files: readonly [string, ...string[]];
  /** Of the server, without a path. */
  readonly url: string;
  /** What was opened or connected to so far. */
  touched(): readonly string[];
}

const NAMES = ['canary.ts', 'canary.mp4', 'canary.txt'];

/** @param directory holds the files; hostile files in it may name them without a path. */
export async function placeCanary(directory: string): Promise<Canary> {
  const touched = new Set<string>();
  const [first, ...others] = NAMES.map((name) => join(directory, name));
  if (first === undefined) throw new Error('a canary needs a name');
  const files: [string, ...string[]] = [first, ...others];
  for (const file of files) await promisify(execFile)('mkfifo', [file]);
  let over = false;
  const waits = files.map(async (file) => {
    while (!over) {
      const handle = await open(file, 'w');
      if (!over) touched.add(basename(file));
      await handle.close();
    }
  });
  const server = createServer((socket) => {
    touched.add('server');
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the canary server has no port');
  return {
    files,
    url: `http://127.0.0.1:${address.port}`,
    touched: () => [...touched],
    [Symbol.asyncDispose]: async () => {
      over = true;
      const readers = await Promise.all(files.map((file) => open(file, constants.O_RDONLY | constants.O_NONBLOCK)));
      await Promise.all(waits);
      await Promise.all(readers.map((reader) => reader.close()));
      server.close();
    },
  };
}
