/**
 * `npm run test:chaos`: sends files through a whole house while its processes are killed and its dependencies cut off, and
 * checks what is left. SEED, FILES, KILLS, RUNS, STORAGE (disk or s3), OUTAGE_SECONDS set it.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processesOf } from '../support/command-process.ts';
import { faultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Check, checksOf } from './checks.ts';
import { makeContents } from './contents.ts';
import { type ChaosHouse, startChaosHouse } from './house.ts';
import { type Instructor, instructorOf } from './instructor.ts';
import { firstRenders, isBusy, observe, type Result } from './observation.ts';
import { type Content, type Plan, planOf } from './plan.ts';
import { makeTrouble } from './trouble.ts';

const setting = (name: string, otherwise: number) => Number(process.env[name] || otherwise);
const settings = {
  seed: setting('SEED', Math.floor(Math.random() * 1_000_000)),
  files: setting('FILES', 40),
  kills: setting('KILLS', 10),
  runs: setting('RUNS', 1),
  outageMs: setting('OUTAGE_SECONDS', 5) * 1000,
  driver: process.env['STORAGE'] === 's3' ? ('s3' as const) : ('disk' as const),
};

/** A run that has not ended by then is wedged: far beyond the work, the pauses of the supervisor and the leases. */
const WEDGED_AFTER_MS = 5 * 60_000 + 15_000 * settings.kills + 4_000 * settings.files + 3 * settings.outageMs;
const QUIET_WITHIN_MS = 60_000;

await using directory = await temporaryDirectory();
const contents = await makeContents(directory.path);
const undisturbed = await undisturbedResults();
const failed: string[] = [];
const totals = { runs: 0, files: 0, kills: 0, busyKills: 0, outages: 0, renders: 0, repeatedRequests: 0, mails: 0 };

for (let run = 0; run < settings.runs; run++) {
  const plan = planOf(settings.seed + run, settings.files, settings.kills);
  console.log(`\nseed ${plan.seed}: ${settings.files} files, ${settings.kills} kills, ${settings.driver}`);
  const checks = await disturbedRun(plan, join(directory.path, `run-${run}`));
  for (const { name, count, wrong } of checks) {
    console.log(`  ${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${count}`);
    for (const line of wrong.slice(0, 10)) console.log(`         ${line}`);
    if (wrong.length > 0) failed.push(`seed ${plan.seed}: ${name}`);
  }
}
console.log(
  `\n${Object.entries(totals)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')}`,
);
console.log(failed.length === 0 ? 'all checks hold' : `FAILED: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function disturbedRun(plan: Plan, place: string): Promise<Check[]> {
  const ffmpeg = await faultyFfmpeg(`${place}-ffmpeg`);
  let checks: Check[];
  {
    await using house = await startChaosHouse({
      directory: place,
      driver: settings.driver,
      transcoders: 3,
      PATH: ffmpeg.PATH,
    });
    const instructor = instructorOf(plan, contents, house.url, ffmpeg);
    const over = new AbortController();
    const working = workThrough(house, instructor).finally(() => over.abort());
    const [trouble] = await Promise.all([makeTrouble(house, plan, settings.outageMs, over.signal), working]);
    const seen = await observe(house, instructor, ffmpeg, trouble);
    checks = checksOf(seen, undisturbed, await firstRenders(house));
    const enough = { name: 'kills delivered', count: trouble.kills.length, wrong: [] as string[] };
    if (trouble.kills.length < plan.kills.length)
      enough.wrong.push(`${plan.kills.length} were planned: send more files`);
    checks.push(enough);
    console.log(
      `  killed ${trouble.kills.map(({ who, signal, busy }) => `${who}${busy ? '*' : ''} ${signal.slice(3)}`).join(', ')}; away ${trouble.outages.join(', ')}`,
    );
    totals.runs++;
    totals.files += seen.acknowledged.length;
    totals.kills += trouble.kills.length;
    totals.busyKills += trouble.kills.filter(({ busy }) => busy).length;
    totals.outages += trouble.outages.length;
    totals.renders += seen.renders;
    totals.repeatedRequests += seen.repeatedRequests;
    totals.mails += seen.mails.length;
  }
  const processes = await processesOf(join(place, 'data'));
  checks.push({ name: 'no process left', count: processes.length, wrong: processes });
  return checks;
}

/** Resolves when every batch is finished and its mail out. @throws Error when that does not come. */
async function workThrough(house: ChaosHouse, instructor: Instructor): Promise<void> {
  const deadline = performance.now() + WEDGED_AFTER_MS;
  const sent = instructor.send();
  let all = false;
  void sent.then(() => {
    all = true;
  });
  for (;;) {
    const open = await unfinished(instructor).catch((error: Error) => [error.message]);
    if (all && open.length === 0) return quiet(house);
    if (performance.now() > deadline) throw new Error(`WEDGED, in ${house.logDirectory}: ${open.join('; ')}`);
    await Promise.race([pause(250), sent.then(() => pause(250))]);
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

/** The alerts are gathered for a while, and a process that was killed last may not be up again. */
async function quiet(house: ChaosHouse): Promise<void> {
  const { pidOf, transcoders } = house;
  await pause(1_000);
  const deadline = performance.now() + QUIET_WITHIN_MS;
  for (const name of ['redis', 'upload', 'notification', ...transcoders]) {
    while ((await pidOf(name)) === undefined && performance.now() < deadline) await pause(100);
  }
  while ((await isBusy(house)) && performance.now() < deadline) await pause(250);
}

/** What comes of each content in a house in which nothing goes wrong. */
async function undisturbedResults(): Promise<ReadonlyMap<Content, Result>> {
  const ffmpeg = await faultyFfmpeg(join(directory.path, 'calm-ffmpeg'));
  await using house = await startChaosHouse({
    directory: join(directory.path, 'calm'),
    driver: 'disk',
    transcoders: 1,
    PATH: ffmpeg.PATH,
  });
  const files = (Object.keys(contents) as Content[]).map((content) => ({ name: content, content, fates: [] }));
  const plan: Plan = { seed: 0, batches: [{ way: 'open', files }], kills: [], outages: [] };
  const instructor = instructorOf(plan, contents, house.url, ffmpeg);
  await workThrough(house, instructor);
  const seen = await observe(house, instructor, ffmpeg, { kills: [], outages: [] });
  return new Map(
    seen.acknowledged.map(({ upload, file }) => [
      file.content,
      seen.results.get(upload) ?? { state: 'unknown', variants: [] },
    ]),
  );
}
