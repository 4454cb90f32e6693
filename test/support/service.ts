/** One service as a process of its own, as `npm run service:…` starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { type ServiceName, serviceCommand } from '../../infra/local/service-command.ts';
import { leashed } from '../../shared/leash.ts';
import { compileCache } from './compile-cache.ts';

export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  /** Where it listens; empty where it does not. */
  readonly address: string;
  /** Resolves with its exit code, or the signal's name, when it is gone. */
  readonly ended: Promise<number | string>;
}

const readyMessage = z.object({ ready: z.union([z.string(), z.literal(true).transform(() => '')]) });

/** Resolves when it has said that it is ready. Stopped with SIGTERM when disposed. */
export async function startService(name: ServiceName, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const child = spawn(...leashed(...serviceCommand(name)), {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', ...compileCache, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code, signal]) => code ?? String(signal));
  const died = exited.then(() => Promise.reject(new Error(`${name} ended before it was ready`)));
  died.catch(() => {});
  const [message] = await Promise.race([once(child, 'message'), died]);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no pid`);
  return {
    pid,
    address: readyMessage.parse(message).ready,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
