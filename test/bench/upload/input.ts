/** The file that is sent: passes the door by its first bytes, and is as random as compressed media behind them. */
import { randomFillSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mp4Like } from '../../support/samples.ts';

const MiB = 1024 ** 2;
const HEAD_BYTES = 1024;

export interface Input {
  readonly path: string;
  readonly bytes: number;
}

/** Makes the file and reads it once, so that every round finds it in the page cache. */
export async function makeInput(path: string, bytes: number): Promise<Input> {
  await pipeline(content(bytes), createWriteStream(path));
  await pipeline(createReadStream(path), nowhere());
  return { path, bytes };
}

function* content(bytes: number) {
  yield mp4Like(HEAD_BYTES);
  for (let left = bytes - HEAD_BYTES; left > 0; left -= MiB) yield randomFillSync(Buffer.alloc(Math.min(left, MiB)));
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
