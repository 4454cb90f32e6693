/** Global set-up of the integration tests: the servers of the run are up before the first test and gone after the last. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { RunServers } from './run-servers.ts';

const KEEPER = join(import.meta.dirname, 'keeper.ts');

declare module 'vitest' {
  interface ProvidedContext {
    servers: RunServers | undefined;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // In a process group of its own: a Ctrl-C must not end it before it has cleaned up.
  const keeper = fork(KEEPER, { detached: true, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(keeper, 'exit');
  const died = ended.then(([code]) => Promise.reject(new Error(`the keeper of the test servers ended with ${code}`)));
  died.catch(() => {});
  const [servers] = await Promise.race([once(keeper, 'message'), died]);
  project.provide('servers', servers);
  return async () => {
    keeper.disconnect();
    await ended;
  };
}
