/** `npm run recover`, as an operator starts it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { launchProgram, ROOT } from '../support/command-process.ts';
import { startDoor } from '../support/door.ts';
import { openBatch } from '../support/open-batch.ts';
import { mp4Like } from '../support/samples.ts';

const recover = (env: Record<string, string>) => launchProgram(process.execPath, [join(ROOT, 'infra/recover.ts')], env);

it('says how far it is and what was put back', async () => {
  await using door = await startDoor();
  const { client, id } = await openBatch(door);
  for (const name of ['a.mp4', 'b.mp4']) await client.putUpload(id, name, mp4Like(200));
  await door.ledger.redis.flushdb();
  await using command = recover({ REDIS_URL: door.redisUrl, DATA_DIR: join(door.storageDirectory, '..') });
  expect([await command.ended, command.stderr()]).toEqual([0, '']);
  expect(command.stdout()).toMatch(/^records read: 2 of 2\nuploads restored: 2 of 2$/m);
  expect(command.stdout()).toMatch(/^2 uploads of 1 batches in the bucket; \d+ were put back, in \d+\.\d s$/m);
  expect(await door.ledger.redis.exists(ledgerKey.epoch)).toBe(1);
  expect((await client.readBatch(id)).body.uploads).toHaveLength(2);
});

it('says in one line which Redis does not answer, without its password', async () => {
  await using door = await startDoor();
  const host = `127.0.0.1:${await freePort()}`;
  await using command = recover({
    REDIS_URL: `redis://:secret@${host}`,
    DATA_DIR: join(door.storageDirectory, '..'),
  });
  expect(await command.ended).toBe(1);
  expect([command.stdout(), command.stderr()]).toEqual(['', `Redis at ${host} does not answer. See REDIS_URL.\n`]);
});
