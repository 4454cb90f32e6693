import { expect, it } from 'vitest';
import { cleanUp } from '../../services/notification/maintenance/clean-up.ts';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { keepRecord } from '../../shared/keep-record.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { receiving } from '../../shared/ledger/receiving.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { mp4Like } from '../support/samples.ts';
import { listAllKeys, listKeys } from '../support/stored.ts';
import { inHouse, settling } from '../support/waiting-house.ts';

const instructor = 'ada@example.org';

it('seals an abandoned batch, removes an empty one, forgets one that finished long ago', () =>
  inHouse(async ({ door, household, uploads, batch, client }) => {
    const empty = (await client.openBatch({ instructor }, { 'idempotency-key': 'k' })).body.id;
    await cleanUp(household);
    expect((await client.readBatch(empty)).body.state).toBe('open');
    const upkeep = { ...household.config.upkeep, sealAbandonedMs: -1000, keepBatchesMs: -1000 };
    const late = { ...household, config: { ...household.config, upkeep } };
    // The files of the one were put, and another may be on its way; so may one of the other.
    {
      await using _put = await receiving(door.ledger, empty);
      await cleanUp(late);
      expect((await client.readBatch(empty)).body.state).toBe('open');
      expect((await client.readBatch(batch)).body.state).toBe('open');
    }
    await door.ledger.redis.zadd(ledgerKey.receiving, 1, batch);
    await reconcile(household);
    expect(await door.ledger.redis.zcard(ledgerKey.receiving)).toBe(0);
    await cleanUp(late);
    await expect(client.readBatch(empty)).rejects.toMatchObject({ status: 404 });
    expect((await client.readBatch(batch)).body.state).toBe('sealed');
    expect(await listKeys(door.storage, `records/${batch}/sealed`)).toHaveLength(1);
    for (const id of uploads) {
      await settleUpload(door.ledger, settling(id, batch), { state: 'failed', reason: 'x' });
      await keepRecord(door, { kind: 'failed', id });
    }
    await cleanUp(late);
    await expect(client.readBatch(batch)).rejects.toMatchObject({ status: 404 });
    expect(await listAllKeys(door.storage)).toEqual([]);
    expect(await door.ledger.redis.keys('*upload:*')).toEqual([]);
  }));

it('keeps the record of an abandoned batch into which a file comes at the last moment', () =>
  inHouse(async ({ door, household, client }) => {
    const late = (await client.openBatch({ instructor })).body.id;
    const upkeep = { ...household.config.upkeep, sealAbandonedMs: -1000 };
    const config = { ...household.config, upkeep };
    // It registers between the look at the batch and its removal.
    const { hget } = household.ledger.redis;
    let came = false;
    const redis = new Proxy(household.ledger.redis, {
      get(target, name) {
        if (name !== 'hget') return Reflect.get(target, name, target);
        return async (...args: [string, string]) => {
          if (args[0] === ledgerKey.batch(late) && !came) {
            came = true;
            await client.putUpload(late, 'late.mp4', mp4Like(200));
          }
          return hget.apply(target, args);
        };
      },
    });
    await cleanUp({ ...household, config, ledger: { ...household.ledger, redis } });
    expect(came).toBe(true);
    expect(await listKeys(door.storage, `records/${late}/batch`)).toHaveLength(1);
  }));
