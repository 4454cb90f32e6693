/** Taking up one's former jobs, while somebody else may be taking them up. */
import { expect, it } from 'vitest';
import { giveBackFormerJobs } from '../../shared/former-jobs.ts';
import { enqueueRender } from '../../shared/queues.ts';
import { startDoor } from '../support/door.ts';

it('leaves a job alone that another has begun with meanwhile, and gives back what is still its own', async () => {
  await using door = await startDoor();
  const { transcode, ledger } = door;
  const { redis } = ledger;
  for (const id of ['taken', 'own']) {
    await enqueueRender(transcode, { batch: 'b', id, round: 0 });
    await redis.lrem(transcode.toKey('wait'), 0, id);
    await redis.lpush(transcode.toKey('active'), id);
    await redis.hset(transcode.toKey(id), 'pb', 'a');
    await redis.set(transcode.toKey(`${id}:lock`), 'former');
  }
  const seen = await transcode.getActive();
  await redis.hset(transcode.toKey('taken'), 'pb', 'b');
  await redis.set(transcode.toKey('taken:lock'), 'of b');
  const late = Object.assign(Object.create(transcode), { getActive: async () => seen });
  const told: unknown[] = [];
  await giveBackFormerJobs(late, redis, { workerName: 'a', leaseMs: 60_000 }, async (job) => {
    told.push(job.id);
  });
  expect(told).toEqual(['own']);
  expect((await transcode.getActive()).map(({ id }) => id)).toEqual(['taken']);
  expect(await redis.get(transcode.toKey('taken:lock'))).toBe('of b');
});
