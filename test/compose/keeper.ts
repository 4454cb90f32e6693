/**
 * Brings the house up from nothing and holds it in a process of its own, which outlives the run for as long as it takes to
 * take the house down with its volumes and images: however the run ends, kill -9 included, the channel to it closes.
 */
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../infra/local/free-port.ts';
import { runTool } from '../../shared/run-tool.ts';
import { ROOT } from '../support/command-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { compose, whyNoCompose } from './docker.ts';
import type { KeptHouse } from './setup.ts';

/** The first build downloads ffmpeg and the npm packages. */
const BUILT_WITHIN_MS = 20 * 60_000;
const UP_WITHIN_MS = 5 * 60_000;
const DOWN_WITHIN_MS = 2 * 60_000;

const end = new AbortController();
process.once('disconnect', () => end.abort());

{
  await using owned = new AsyncDisposableStack();
  const house = await startHouse(owned).catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  if (house && !end.signal.aborted) {
    process.send?.(house);
    await once(end.signal, 'abort');
  }
}
process.exit();

async function startHouse(owned: AsyncDisposableStack): Promise<KeptHouse> {
  const none = await whyNoCompose();
  if (none !== undefined) return { none };

  const directory = owned.use(await temporaryDirectory());
  const project = { name: `projectionist-test-${process.pid}`, envFile: join(directory.path, '.env') };
  await runTool(process.execPath, [join(ROOT, 'infra/compose/init.mjs'), project.envFile], { timeoutMs: 10_000 });
  await appendFile(project.envFile, await portSettings());

  const step = async (args: readonly string[], withinMs: number) => {
    end.signal.throwIfAborted();
    await compose(project, args, withinMs);
  };
  owned.defer(async () => {
    const everything = ['--volumes', '--remove-orphans', '--rmi', 'local'];
    await compose(project, ['down', ...everything, '--timeout', '10'], DOWN_WITHIN_MS);
  });
  console.log(`docker compose: building ${project.name}`);
  await step(['build'], BUILT_WITHIN_MS);
  console.log('docker compose: starting it');
  await step(['up', '--detach', '--wait'], UP_WITHIN_MS);
  return project;
}

async function portSettings(): Promise<string> {
  const lines: string[] = [];
  for (const name of ['PORT', 'S3_PORT', 'CONSOLE_PORT', 'MAILPIT_PORT']) lines.push(`${name}=${await freePort()}\n`);
  return lines.join('');
}
