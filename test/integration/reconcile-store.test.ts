/** The reconciler in the store: what nobody owns goes, when it is old; what somebody is at, or has published, stays. */
import { readdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { reconcile } from '../../services/notification/maintenance/reconcile.ts';
import { removeStrayMedia } from '../../services/notification/maintenance/stray-media.ts';
import { noteAttempt, storingAttempts } from '../../shared/ledger/attempts.ts';
import { receiving } from '../../shared/ledger/receiving.ts';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { originalKey } from '../../shared/storage/keys.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { listKeys } from '../support/stored.ts';
import { impatient, inHouse, settling, write } from '../support/waiting-house.ts';

it('removes an original that nobody owns, but not a young one, nor one whose form is still being received', () =>
  inHouse(async (setting) => {
    const { door, household } = setting;
    const stray = originalKey('gone', 'gone', 'a.mp4');
    await write(door, stray);
    await reconcile(household);
    expect(await listKeys(door.storage, 'originals/gone/')).toEqual([stray]);
    const young = { ...household };
    {
      await using _form = await receiving(door.ledger, 'gone');
      await reconcile(impatient(young));
      expect(await listKeys(door.storage, 'originals/gone/')).toEqual([stray]);
    }
    await reconcile(impatient(household));
    expect(await listKeys(door.storage, 'originals/gone/')).toEqual([]);
    expect(await listKeys(door.storage, 'originals/')).toHaveLength(3);
  }));

it('removes outputs that no manifest names when they are old, but none of a run that is at it', () =>
  inHouse(async ({ door, household, uploads, batch }) => {
    const [first = '', second = ''] = uploads;
    const dead = `media/${batch}/00000001-a/1-dead/360p.mp4`;
    const alive = `media/${batch}/00000002-b/1-alive/360p.mp4`;
    const forgotten = `media/${batch}/00000003-c/1-former/360p.mp4`;
    const unknown = 'media/gone/00000009-x/1-dead/360p.mp4';
    const all = [dead, alive, forgotten, unknown].toSorted();
    for (const key of all) await write(door, key);
    await startUpload(door.ledger, { upload: second, run: 'alive', round: 0 }, 'first');
    await noteAttempt(door.ledger, { upload: first, name: '1-dead' });
    await noteAttempt(door.ledger, { upload: second, name: '1-alive' });
    await reconcile(household);
    expect(await listKeys(door.storage, 'media/')).toEqual(all);
    expect(await storingAttempts(door.ledger)).toHaveLength(2);
    await reconcile(impatient(household));
    expect(await listKeys(door.storage, 'media/')).toEqual([alive]);
    expect(await storingAttempts(door.ledger)).toEqual([{ upload: second, name: '1-alive' }]);
  }));

it('keeps what is published while the store is being gone through', () =>
  inHouse(async ({ door, household, uploads, batch }) => {
    const [first = ''] = uploads;
    const prefix = `media/${batch}/00000001-a`;
    const output = `${prefix}/1-last/360p.mp4`;
    await write(door, output);
    await startUpload(door.ledger, { upload: first, run: 'last', round: 0 }, 'first');
    const manifest: Manifest = {
      version: 1,
      upload: first,
      batch,
      sequence: 1,
      name: 'a.mp4',
      kind: 'video',
      attempt: '1-last',
      variants: [{ name: '360p', file: '360p.mp4', key: output, contentType: 'video/mp4', bytes: 1 }],
    };
    const storage: Storage = {
      ...door.storage,
      async *list(under) {
        for await (const object of door.storage.list(under)) yield object;
        const body = JSON.stringify(manifest);
        await door.storage.createIfAbsent(`${prefix}/manifest.json`, body, { contentType: 'application/json' });
        await settleUpload(door.ledger, settling(first, batch), { state: 'ready', ...manifest });
      },
    };
    await removeStrayMedia({ ...household, storage }, new Date(Date.now() + 1000));
    expect(await listKeys(door.storage, 'media/')).toEqual([output, `${prefix}/manifest.json`]);
  }));

it('removes half-written objects of the dead', () =>
  inHouse(async ({ door, household }) => {
    await writeFile(`${door.storageDirectory}/.incoming/left`, 'half');
    await reconcile(household);
    expect(await readdir(`${door.storageDirectory}/.incoming`)).toEqual(['left']);
    await reconcile(impatient(household));
    expect(await readdir(`${door.storageDirectory}/.incoming`)).toEqual([]);
  }));
