/**
 * `npm run test:chaos`: sends files through a whole house while its processes are killed and its dependencies cut off, and
 * checks what is left. Settings: SEED, FILES, KILLS, OUTAGES (of how many kinds; all unless told), RUNS, STORAGE (disk or
 * s3), CONCURRENCY, OUTAGE_SECONDS, LEASE_SECONDS, WEDGED_AFTER_SECONDS and KEEP_LOGS, a directory for the logs of a run that went wrong.
 */
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { makeContents } from './contents.ts';
import { disturbedRun, undisturbedResults } from './disturbed-run.ts';
import type { Observation } from './observation.ts';
import { OUTAGES, planOf } from './plan.ts';

const setting = (name: string, otherwise: number) => Number(process.env[name] || otherwise);
const settings = {
  seed: setting('SEED', Math.floor(Math.random() * 1_000_000)),
  files: setting('FILES', 40),
  kills: setting('KILLS', 10),
  outages: setting('OUTAGES', OUTAGES.length),
  runs: setting('RUNS', 1),
  budget: setting('CONCURRENCY', 1),
  outageMs: setting('OUTAGE_SECONDS', 5) * 1000,
  leaseMs: setting('LEASE_SECONDS', 12) * 1000,
  wedgedAfterMs: setting('WEDGED_AFTER_SECONDS', 0) * 1000 || undefined,
  driver: process.env['STORAGE'] === 's3' ? ('s3' as const) : ('disk' as const),
  keepLogsIn: process.env['KEEP_LOGS'] || undefined,
};
const { files, kills, outages, budget, outageMs, leaseMs, wedgedAfterMs, driver, keepLogsIn } = settings;

await using directory = await temporaryDirectory();
const contents = await makeContents(directory.path);
const undisturbed = await undisturbedResults(contents, join(directory.path, 'undisturbed'));
const failed: string[] = [];
const totals = new Map<string, number>();

for (let run = 0; run < settings.runs; run++) {
  const plan = planOf(settings.seed + run, { files, kills, outages });
  console.log(`\nseed ${plan.seed}: ${files} files, ${kills} kills, ${driver}, ${budget} at once`);
  const place = join(directory.path, `seed-${plan.seed}`);
  const options = { directory: place, driver, transcoders: 3, budget, leaseMs, outageMs, wedgedAfterMs, keepLogsIn };
  const begun = performance.now();
  const { seen, checks } = await disturbedRun(plan, contents, undisturbed, options);
  console.log(`  killed ${inWords(seen)}; away ${seen.trouble.outages.map(({ what }) => what).join(', ')}`);
  for (const { name, count, wrong } of checks) {
    console.log(`  ${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${count}`);
    for (const line of wrong.slice(0, 10)) console.log(`         ${line}`);
    if (wrong.length > 0) failed.push(`seed ${plan.seed}: ${name}`);
  }
  addUp(seen);
  console.log(`  ended by itself after ${Math.round((performance.now() - begun) / 1000)} s`);
}
console.log(`\n${[...totals].map(([what, count]) => `${count} ${what}`).join(', ')}`);
console.log(failed.length === 0 ? 'all checks hold' : `FAILED: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** A star for a transcoder that was rendering. */
function inWords({ trouble }: Observation): string {
  return trouble.kills.map(({ who, signal, busy }) => `${who}${busy ? '*' : ''} ${signal.slice(3)}`).join(', ');
}

function addUp({ acknowledged, trouble, renders, repeatedRequests, mails, kept, recovery }: Observation): void {
  const counts: readonly (readonly [string, number])[] = [
    ['runs', 1],
    ['files', acknowledged.length],
    ['kills', trouble.kills.length],
    ['of a busy transcoder', trouble.kills.filter(({ busy }) => busy).length],
    ['of Redis', trouble.kills.filter(({ who }) => who === 'redis').length],
    ['outages', trouble.outages.length],
    ['renders by ffmpeg', renders],
    ['objects in the store', kept.found.length],
    ['batches and uploads recovered', recovery.after.size],
    ['requests sent again', repeatedRequests],
    ['mails', mails.length],
    ['of them repeated', mails.length - new Set(mails.map(({ messageId }) => messageId)).size],
  ];
  for (const [what, count] of counts) totals.set(what, (totals.get(what) ?? 0) + count);
}
