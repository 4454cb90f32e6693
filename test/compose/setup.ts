/** Global set-up of the tests of docker compose: one house for all of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { ComposeProject } from './docker.ts';

const KEEPER = join(import.meta.dirname, 'keeper.ts');

/** Plain data: it goes from process to process. */
export type KeptHouse = ComposeProject | { readonly none: string };

declare module 'vitest' {
  interface ProvidedContext {
    composeHouse: KeptHouse | undefined;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // In a process group of its own: a Ctrl-C must not end it before it has cleaned up.
  const keeper = fork(KEEPER, { detached: true, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(keeper, 'exit');
  const died = ended.then(([code]) => Promise.reject(new Error(`docker compose: the keeper ended with ${code}`)));
  died.catch(() => {});
  const [house] = await Promise.race([once(keeper, 'message'), died]);
  project.provide('composeHouse', house);
  return async () => {
    keeper.disconnect();
    await ended;
  };
}
