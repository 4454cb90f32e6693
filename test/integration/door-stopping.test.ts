/** Law 8 at the door: SIGTERM while bodies are being received. */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { openBatch } from '../support/open-batch.ts';
import { mp4Like } from '../support/samples.ts';
import { startService } from '../support/service.ts';
import { listKeys } from '../support/stored.ts';

const GONE_WITHIN_MS = 10_000;

/** A body whose second half comes when that resolves. */
async function* inTwoHalves(second: Promise<void>): AsyncGenerator<Buffer> {
  yield mp4Like(200_000);
  await second;
  yield Buffer.alloc(200_000, 0x2a);
}

it('a body that ends gets its answer, one that does not is broken off, and nothing of that is left', async () => {
  await using door = await startDoor();
  await using service = await startService('upload', {
    DATA_DIR: dirname(door.storageDirectory),
    REDIS_URL: door.redisUrl,
    MIN_FREE_BYTES: '0',
    LOG_LEVEL: 'fatal',
  });
  const { client: other, id } = await openBatch(door);
  const client = new Client(service.address);
  const secondHalf = Promise.withResolvers<void>();
  const whole = client.putUpload(id, 'whole.mp4', inTwoHalves(secondHalf.promise));
  const half = client.putUpload(id, 'half.mp4', inTwoHalves(new Promise(() => {})));
  const broken = expect(half).rejects.toThrow('fetch failed');
  const incoming = () => readdir(join(door.storageDirectory, '.incoming'));
  await eventually(async () => expect(await incoming()).toHaveLength(2), { within: 5_000 });

  process.kill(service.pid, 'SIGTERM');
  const askedAt = Date.now();
  await eventually(() => expect(client.readBatch(id)).rejects.toThrow(), { within: 2_000 });
  secondHalf.resolve();
  const { status, body } = await whole;
  expect([status, body.bytes]).toEqual([201, 400_000]);
  await broken;
  expect(await service.ended).toBe(0);
  expect(Date.now() - askedAt).toBeLessThan(GONE_WITHIN_MS);

  expect((await other.readBatch(id)).body.uploads).toEqual([body]);
  expect((await door.transcode.getWaiting()).map((job) => job.id)).toEqual([body.id]);
  expect(await listKeys(door.storage, 'originals/')).toEqual([`originals/${id}/${body.id}/whole.mp4`]);
  expect(await listKeys(door.storage, 'records/')).toHaveLength(2);
  expect(await incoming()).toEqual([]);
});
