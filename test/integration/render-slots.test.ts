/** Who gets a render slot when there are two, and in which order uploads begin when one of those who wait is killed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import type { UploadView } from '../../services/upload/views.ts';
import { ledgerKey } from '../../shared/ledger/keys.ts';
import { takeSlot } from '../../shared/ledger/slots.ts';
import { startDoor } from '../support/door.ts';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import type { ServiceProcess } from '../support/service.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const wish = (holder: string, rank: number) => ({
  ...{ holder, rank, slots: 2, leaseMs: 10_000, wishMs: 10_000 },
  inItsTurn: undefined,
});

it('a dead letter whose process renders keeps no slot free, and goes next when that has ended', async () => {
  await using door = await startDoor();
  const { ledger } = door;
  expect(await takeSlot(ledger, wish('a/first', 1))).toBe('taken');
  expect(await takeSlot(ledger, wish('a/last', -5))).toBe('wait');
  expect(await takeSlot(ledger, wish('b/first', 2))).toBe('taken');
  expect(await takeSlot(ledger, wish('c/first', 3))).toBe('wait');
  await ledger.redis.zrem(ledgerKey.slots, 'a/first');
  expect(await takeSlot(ledger, wish('c/first', 3))).toBe('wait');
  expect(await takeSlot(ledger, wish('a/last', -5))).toBe('taken');
});

it('is not given while the main queue is paused, as BullMQ notes that', async () => {
  await using door = await startDoor();
  await door.transcode.pause();
  expect(await takeSlot(door.ledger, wish('a/first', 1))).toBe('wait');
  expect(await takeSlot(door.ledger, wish('b/last', -5))).toBe('wait');
  await door.transcode.resume();
  expect(await takeSlot(door.ledger, wish('b/last', -5))).toBe('taken');
  expect(await takeSlot(door.ledger, wish('a/first', 1))).toBe('taken');
});

async function twoTranscoders(use: (fleet: Fleet, both: Map<string, ServiceProcess>, clip: Buffer) => Promise<void>) {
  await using directory = await temporaryDirectory();
  const clip = await readFile(await makeVideo({ file: join(directory.path, 'clip.mp4') }));
  await using fleet = await startFleet({ TRANSCODE_CONCURRENCY: '2' });
  const both = new Map<string, ServiceProcess>();
  for (const name of ['a', 'b']) both.set(name, await fleet.transcoder(name));
  await use(fleet, both, clip);
}

const send = async ({ client }: Fleet, clip: Buffer, files: number) => {
  const contents = Array.from({ length: files }, (_, index) => ({ name: `${index}.mp4`, content: clip }));
  return (await client.sendBatch({ instructor: 'ada@example.org' }, contents)).body;
};

/** First starts, in upload order: two may run beside each other. */
const starts = (uploads: readonly UploadView[]) => uploads.map(({ startedAt = 'never' }) => startedAt);

it('the order survives a kill -9 of the one that had fetched the earlier job, though nobody else is there', () =>
  twoTranscoders(async (fleet, both, clip) => {
    const { ledger, transcode } = fleet.door;
    for (const other of ['x', 'y']) await ledger.redis.zadd(ledgerKey.slots, Date.now() + 60_000, `${other}/first`);
    const { id, uploads } = await send(fleet, clip, 4);
    await eventually(async () => expect(await ledger.redis.zcard(ledgerKey.slotWishes)).toBe(2), { within: 10_000 });
    const first = await transcode.getJob(uploads[0]?.id ?? '');
    process.kill(both.get(first?.processedBy ?? '')?.pid ?? expect.unreachable(), 'SIGKILL');
    await ledger.redis.zrem(ledgerKey.slots, 'x/first', 'y/first');
    const { uploads: settled } = await fleet.finished(id);
    expect(settled.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready']);
    expect(starts(settled)).toEqual(starts(settled).toSorted());
  }));

it('the order survives a kill -9 of one that renders', () =>
  twoTranscoders(async (fleet, both, clip) => {
    await fleet.ffmpeg.setFates(clip.length, ['slow', 'slow']);
    const { id } = await send(fleet, clip, 5);
    await eventually(async () => expect(await fleet.ffmpeg.renders()).toBe(2), { within: 10_000 });
    const busy = await fleet.busy();
    process.kill(both.get(busy)?.pid ?? expect.unreachable(), 'SIGKILL');
    const { uploads: settled } = await fleet.finished(id);
    expect(settled.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(settled.map(() => 'ready 1'));
    expect(starts(settled)).toEqual(starts(settled).toSorted());
  }));
