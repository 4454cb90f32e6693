/** One run: a house, its files, its trouble, and what is left when everything is quiet. */
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processesOf } from '../support/command-process.ts';
import { faultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import type { Check } from './check.ts';
import { checksOf } from './checks.ts';
import type { Contents } from './contents.ts';
import { type ChaosHouse, type HouseOptions, startChaosHouse } from './house.ts';
import { type Instructor, instructorOf } from './instructor.ts';
import { type Observation, observe, observeResults, quiet, type Watching } from './observation.ts';
import type { Content, Plan } from './plan.ts';
import { randomOf } from './random.ts';
import type { Result } from './results.ts';
import { makeTrouble, type Trouble } from './trouble.ts';
import { watchRenders } from './watch-renders.ts';

export interface RunOptions extends Pick<HouseOptions, 'driver' | 'transcoders' | 'budget' | 'leaseMs'> {
  /** Of the run's own. */
  readonly directory: string;
  readonly outageMs: number;
  /** A run whose work has not ended by then is wedged; undefined for far beyond what it may take. */
  readonly wedgedAfterMs: number | undefined;
  /** The services' logs are copied there when something is wrong. */
  readonly keepLogsIn: string | undefined;
}

/** @param undisturbed what comes of each content; undefined to find that out. @throws Error when the run does not end by itself. */
export async function disturbedRun(
  plan: Plan,
  contents: Contents,
  undisturbed: ReadonlyMap<Content, Result>,
  options: RunOptions,
): Promise<{ readonly seen: Observation; readonly checks: readonly Check[] }> {
  let seen: Observation;
  const checks: Check[] = [];
  const keepLogs = async () => {
    const { keepLogsIn, directory } = options;
    if (keepLogsIn) await cp(join(directory, 'log'), join(keepLogsIn, basename(directory)), { recursive: true });
  };
  try {
    seen = await throughAHouse(plan, contents, options, observe);
    checks.push(...checksOf(plan, seen, undisturbed));
  } catch (error) {
    await keepLogs();
    throw error;
  }
  const processes = await processesOf(join(options.directory, 'data'));
  checks.push({ name: 'no process outlives the house', count: processes.length, wrong: processes });
  if (checks.some(({ wrong }) => wrong.length > 0)) await keepLogs();
  return { seen, checks };
}

/** What comes of each content in a house in which nothing goes wrong. */
export async function undisturbedResults(contents: Contents, directory: string): Promise<ReadonlyMap<Content, Result>> {
  const names = Object.keys(contents) as Content[];
  const files = names.map((content) => ({ name: content, content, padding: 0, fates: [] }));
  const plan: Plan = { seed: 0, batches: [{ way: 'one by one', files }], spare: [], kills: [], outages: [] };
  const given: RunOptions = {
    directory,
    driver: 'disk',
    transcoders: 1,
    budget: 1,
    leaseMs: 12_000,
    outageMs: 0,
    wedgedAfterMs: undefined,
    keepLogsIn: undefined,
  };
  const unknown: Result = { state: 'unknown', variants: [], untrue: [] };
  return throughAHouse(plan, contents, given, async (house, { acknowledged, batches, client }) => {
    const results = await observeResults(house, client, batches);
    return new Map(acknowledged.map(({ upload, file }) => [file.content, results.get(upload) ?? unknown]));
  });
}

/** @param look at what is left, while the house still runs. */
async function throughAHouse<Seen>(
  plan: Plan,
  contents: Contents,
  options: RunOptions,
  look: (house: ChaosHouse, instructor: Instructor, watching: Watching) => Promise<Seen>,
): Promise<Seen> {
  const { directory, outageMs, wedgedAfterMs = farBeyond(plan, outageMs), ...house } = options;
  const ffmpeg = await faultyFfmpeg(`${directory}-ffmpeg`, house.budget);
  const flaky = plan.outages.length > 0 ? randomOf(plan.seed ^ 0xf1a) : undefined;
  await using running = await startChaosHouse({ ...house, directory, flaky, ffmpegEnv: ffmpeg.env });
  using renders = watchRenders(running.config.workDir, house.budget);
  const instructor = instructorOf(plan, contents, running.url, ffmpeg);
  const over = new AbortController();
  const trouble: Trouble = { kills: [], outages: [] };
  const toCome = () => plan.kills.length - trouble.kills.length + plan.outages.length - trouble.outages.length > 0;
  const sent = instructor.send(toCome);
  const working = workThrough(running, instructor, sent, wedgedAfterMs).finally(() => over.abort());
  await Promise.all([makeTrouble(running, { plan, outageMs, trouble }, over.signal), working]);
  // What was broken last may not be whole again.
  await quiet(running);
  return await look(running, instructor, { ffmpeg, renders, trouble });
}

/** Far beyond the work, the pauses of the supervisor and the leases. */
function farBeyond({ batches, kills, outages }: Plan, outageMs: number): number {
  const files = batches.reduce((sum, batch) => sum + batch.files.length, 0);
  return 5 * 60_000 + 15_000 * kills.length + 4_000 * files + outages.length * (outageMs + 20_000);
}

/** Resolves when all is sent, every batch is finished and its mail out. @throws Error when that does not come. */
async function workThrough(
  house: ChaosHouse,
  instructor: Instructor,
  sent: Promise<void>,
  wedgedAfter: number,
): Promise<void> {
  const deadline = performance.now() + wedgedAfter;
  let all = false;
  const sending = sent.then(() => {
    all = true;
  });
  for (;;) {
    await Promise.race([pause(250), sending.then(() => pause(250))]);
    const open = await unfinished(instructor).catch((error: Error) => [error.message]);
    if (all && open.length === 0) return;
    if (performance.now() > deadline) throw new Error(`WEDGED, in ${house.logDirectory}: ${open.join('; ')}`);
  }
}

async function unfinished({ client, batches }: Instructor): Promise<string[]> {
  const read = await Promise.all(batches.map(async (id) => (await client.readBatch(id)).body));
  return read
    .filter(({ notifiedAt }) => notifiedAt === undefined)
    .map(
      ({ id, state, uploads }) =>
        `${id} ${state}: ${uploads.map((one) => `${one.name} ${one.state} ${one.waitingFor ?? ''}`)}`,
    );
}
