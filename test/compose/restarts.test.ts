/**
 * Every service of docker compose is restarted while a file is being rendered and others wait: what was accepted is settled
 * once, in order, with one mail a batch.
 */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchView } from '../../services/upload/views.ts';
import type { FormFile } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { type ComposeHouse, composeHouse } from './house.ts';
import { longVideo, smallImage } from './media.ts';
import { expectStrictOrder } from './order.ts';

const RENDERING_WITHIN_MS = 60_000;
const BACK_WITHIN_MS = 60_000;

/** Kills the service in its container, as the kernel does when memory runs out; init, which it is not, ends with it. */
const KILL_SERVICE = `
  const fs = require('node:fs');
  for (const pid of fs.readdirSync('/proc').filter((name) => Number(name) > 1)) {
    const command = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0');
    if (command[0] === 'node' && command.includes('services/transcoder/main.ts')) process.kill(Number(pid), 'SIGKILL');
  }
`;

describe('in the middle of a render', needs.compose, () => {
  let house: ComposeHouse;
  let files: FormFile[];

  beforeAll(async () => {
    house = await composeHouse();
    await house.compose('up', '--detach', '--wait', '--no-recreate', '--scale', 'transcoder=1');
    files = [await longVideo(), await smallImage('second.png'), await smallImage('third.png')];
  });

  it.each(['upload', 'transcoder', 'notification', 'redis'])('restarts %s', async (service) => {
    const id = await renderingBatch(house, files);
    await house.compose('restart', service);
    const batch = await house.notified(id);
    expect(batch.uploads.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    expect(batch.uploads.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    expectStrictOrder(batch.uploads);
    await expectOneMail(house, batch);
  });

  it('loses a transcoder to kill -9, which comes back by itself', async () => {
    const id = await renderingBatch(house, files);
    await house.exec('transcoder', 'node', '--eval', KILL_SERVICE);
    const batch = await house.notified(id);
    expect(await restartsOf(house, 'transcoder')).toBeGreaterThan(0);
    expect(batch.uploads.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    expect(batch.uploads.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    expectStrictOrder(batch.uploads);
    await expectOneMail(house, batch);
  });

  it('restarts MinIO: nothing is lost, and nothing fails because of it', async () => {
    const id = await renderingBatch(house, files);
    await house.compose('restart', 'minio');
    const batch = await house.notified(id);
    expectStrictOrder(batch.uploads);
    expect(batch.uploads.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(files.map(() => 'ready 1'));
    await expectOneMail(house, batch);
  });

  it('finds the mail server away: the mail comes when it is back, once', async () => {
    await house.compose('stop', 'mailpit');
    const { body } = await house.client.sendBatch({ instructor: 'ada@example.org' }, files.slice(1));
    await eventually(async () => expect((await house.client.readBatch(body.id)).body.state).toBe('finished'), {
      within: RENDERING_WITHIN_MS,
    });
    await house.compose('start', 'mailpit');
    await expectOneMail(house, await house.notified(body.id));
  });
});

/** Resolves when the first file of a sealed batch is being rendered. */
async function renderingBatch(house: ComposeHouse, files: readonly FormFile[]): Promise<string> {
  const key = { 'idempotency-key': randomUUID() };
  const { body } = await house.client.sendBatch({ instructor: 'ada@example.org', title: 'Restarted' }, files, key);
  await eventually(
    async () => {
      const [first] = (await house.client.readBatch(body.id)).body.uploads;
      expect(first?.state).toBe('processing');
      expect(first?.progress).toBeGreaterThan(0);
    },
    { within: RENDERING_WITHIN_MS },
  );
  return body.id;
}

async function expectOneMail(house: ComposeHouse, batch: BatchView): Promise<void> {
  const mails = await eventually(() => house.mails(), { within: BACK_WITHIN_MS });
  const found = mails.filter(({ MessageID }) => MessageID.includes(batch.id));
  expect(found).toHaveLength(1);
  for (const { name } of batch.uploads) expect(found[0]?.Text).toContain(name);
}

async function restartsOf(house: ComposeHouse, service: string): Promise<number> {
  return (await house.inspect(service)).RestartCount;
}
