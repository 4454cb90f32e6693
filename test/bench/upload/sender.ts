/** Starts the client's process and has it send one file after the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { orAborted } from '../../../infra/local/all-come-up.ts';
import { leashed } from '../../../shared/leash.ts';

export interface DirectSending {
  readonly how: 'direct';
  readonly file: string;
  readonly bytes: number;
  readonly key: string;
}

export interface HttpSending {
  readonly how: 'http';
  readonly file: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | number>>;
  /** What surrounds the file in the body. */
  readonly before: string;
  readonly after: string;
}

export type Sending = DirectSending | HttpSending;

/** From the first byte asked of the file to the last of the answer. */
export interface Sent {
  readonly seconds: number;
  readonly failure?: string;
}

export interface Sender extends AsyncDisposable {
  readonly pid: number;
  /** @returns seconds. @throws when it was not stored; the signal's reason when that is aborted. */
  send(sending: Sending, stop: AbortSignal): Promise<number>;
}

export async function startSender(env: Readonly<Record<string, string>>): Promise<Sender> {
  const child = spawn(...leashed(process.execPath, [join(import.meta.dirname, 'sender-process.ts')]), {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('the client has no pid');
  const ended = once(child, 'exit');
  const died = ended.then(() => Promise.reject(new Error('the client ended')));
  died.catch(() => {});
  return {
    pid,
    async send(sending, stop) {
      const answer = once(child, 'message') as Promise<[Sent]>;
      child.send(sending);
      const [{ seconds, failure }] = await orAborted(Promise.race([answer, died]), stop);
      if (failure !== undefined) throw new Error(`${sending.how}: ${failure}`);
      return seconds;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
