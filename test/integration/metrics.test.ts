/** What Prometheus is told. */
import { expect, it } from 'vitest';
import { countUp } from '../../shared/ledger/counters.ts';
import { giveUpUpload } from '../../shared/ledger/give-up.ts';
import { requeueUpload } from '../../shared/ledger/requeue.ts';
import { noteFailedTry } from '../../shared/ledger/retry.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import { reportTranscoder } from '../../shared/ledger/transcoders.ts';
import { Client } from '../support/client.ts';
import { startDoor, type TestDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisProcess, type TestRedisProcess } from '../support/redis-process.ts';
import { mp4Like } from '../support/samples.ts';

/** Redis is waited for a second (house.ts); the rest is the machine's, which may be busy. */
const ANSWERS_WITHIN_MS = 1_000 + 1_500;

/** Value by name and labels, as they stand in the text. */
async function scrape(door: TestDoor): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(`${door.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const helped = lines.flatMap((line) => /^# HELP (\S+) ./.exec(line)?.[1] ?? []);
  expect(new Set(helped).size).toBe(helped.length);
  const samples = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(/ (?=\S+$)/));
  return Object.fromEntries(samples.map(([name, value]) => [name, Number(value)]));
}

const ofHouse = (samples: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(samples).filter(([name]) => name.startsWith('projectionist_')));

it('counts the whole house, from what is in Redis', async () => {
  await using door = await startDoor();
  const { ledger } = door;
  const client = new Client(door.url);
  await reportTranscoder(ledger, { name: 'a', freeBytes: 1e12 });
  const batch = (await client.openBatch({ instructor: 'ada@example.org' })).body.id;
  const ids: string[] = [];
  for (let count = 0; count < 4; count++) ids.push((await client.putUpload(batch, 'a.mp4', mp4Like(250))).body.id);
  const [first = '', second = '', third = ''] = ids;

  const turn = (upload: string, run = 'r') => ({ upload, run, round: 0 });
  const settling = (id: string) => ({ upload: { id, batch, round: 0 }, run: undefined, keepOriginalsDays: 7 });
  await startUpload(ledger, turn(first), 'first');
  await startUpload(ledger, turn(first, 's'), 'first');
  await requeueUpload(ledger, first, undefined);
  await startUpload(ledger, turn(first), 'first');
  await noteFailedTry(ledger, turn(first), 'killed');
  await countUp(ledger, 'render-ms:video', 2500);
  await countUp(ledger, 'media-ms:video', 10_000);
  await countUp(ledger, 'render-ms:image', 300);
  await settleUpload(ledger, settling(first), { state: 'ready', kind: 'video', variants: [] });
  await startUpload(ledger, turn(second), 'first');
  const given = { upload: second, round: 0, run: 'r', reason: 'x', toolOutput: undefined, job: second };
  await giveUpUpload(ledger, given);
  await settleUpload(ledger, settling(second), { state: 'failed', reason: 'x' });
  await client.replay(second);
  await startUpload(ledger, turn(third), 'first');
  await giveUpUpload(ledger, { ...given, upload: third });
  await countUp(ledger, 'repairs:lost-jobs', 3);
  await countUp(ledger, 'mails:failed-tries', 2);
  await client.pauseQueue();

  await eventually(async () => expect(await scrape(door)).toHaveProperty('projectionist_storage_free_bytes'), {
    within: 3000,
  });
  expect(ofHouse(await scrape(door))).toEqual({
    projectionist_uploads_total: 4,
    projectionist_upload_bytes_total: 1000,
    'projectionist_jobs_total{outcome="ready"}': 1,
    'projectionist_jobs_total{outcome="failed"}': 1,
    projectionist_retries_total: 1,
    projectionist_render_deaths_total: 2,
    projectionist_dead_letters_total: 2,
    projectionist_replays_total: 1,
    'projectionist_repairs_total{repair="lost-jobs"}': 3,
    'projectionist_render_seconds_total{kind="video"}': 2.5,
    'projectionist_render_seconds_total{kind="audio"}': 0,
    'projectionist_render_seconds_total{kind="image"}': 0.3,
    'projectionist_rendered_media_seconds_total{kind="video"}': 10,
    'projectionist_rendered_media_seconds_total{kind="audio"}': 0,
    'projectionist_mails_total{outcome="sent"}': 0,
    'projectionist_mails_total{outcome="alert"}': 0,
    'projectionist_mails_total{outcome="refused"}': 0,
    projectionist_mail_failed_tries_total: 2,
    'projectionist_health{state="healthy"}': 0,
    'projectionist_health{state="warning"}': 1,
    'projectionist_health{state="critical"}': 0,
    projectionist_redis_up: 1,
    projectionist_storage_up: 1,
    projectionist_storage_free_bytes: expect.any(Number),
    projectionist_queue_depth: 2,
    projectionist_oldest_waiting_seconds: expect.any(Number),
    projectionist_wait_seconds_average: expect.any(Number),
    projectionist_settled_last_hour: 2,
    projectionist_failed_last_hour: 1,
    'projectionist_dead_letters{state="waiting"}': 1,
    'projectionist_dead_letters{state="discarded"}': 0,
    projectionist_transcoders: 1,
    projectionist_queue_paused: 1,
  });
});

it('answers soon without Redis, with what is known, and the process of this service', async () => {
  let redis: TestRedisProcess | undefined;
  await using door = await startDoor({}, async () => {
    redis = await startRedisProcess();
    return redis;
  });
  expect(await scrape(door)).toMatchObject({ projectionist_redis_up: 1, projectionist_uploads_total: 0 });
  process.kill(redis?.pid ?? 0, 'SIGSTOP');
  try {
    for (let times = 0; times < 3; times++) {
      const begun = performance.now();
      const samples = await scrape(door);
      expect(performance.now() - begun).toBeLessThan(ANSWERS_WITHIN_MS);
      expect(ofHouse(samples)).toMatchObject({
        projectionist_redis_up: 0,
        projectionist_storage_up: 1,
        'projectionist_health{state="critical"}': 1,
      });
      expect(samples).not.toHaveProperty('projectionist_queue_depth');
      expect(samples['process_resident_memory_bytes']).toBeGreaterThan(0);
    }
  } finally {
    process.kill(redis?.pid ?? 0, 'SIGCONT');
  }
  await eventually(async () => expect(await scrape(door)).toMatchObject({ projectionist_redis_up: 1 }), {
    within: 5000,
  });
});
