/** What the upload service logs: each file, batch and operator's action with the ids to follow it by. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { settleUpload } from '../../shared/ledger/settle.ts';
import { Client } from '../support/client.ts';
import { startDoor } from '../support/door.ts';
import { startRedis } from '../support/redis.ts';
import { mp4Like } from '../support/samples.ts';

const instructor = 'ada@example.org';

async function logged(
  use: (setting: { door: Awaited<ReturnType<typeof startDoor>>; client: Client }) => Promise<void>,
) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: unknown, _encoding: unknown, done: () => void) => {
    lines.push(JSON.parse(String(line)));
    done();
  };
  {
    await using door = await startDoor({}, startRedis, pino({}, new Writable({ write })));
    await use({ door, client: new Client(door.url) });
  }
  return lines;
}

it('names a batch that is opened, filled and sealed, its files, and what is refused', async () => {
  let [batch, upload, other] = ['', '', ''];
  const lines = await logged(async ({ client }) => {
    batch = (await client.openBatch({ instructor })).body.id;
    upload = (await client.putUpload(batch, 'a.mp4', mp4Like(200))).body.id;
    await client.readUpload(upload);
    await client.sealBatch(batch);
    await expect(client.putUpload(batch, 'b.mp4', mp4Like(200))).rejects.toMatchObject({ status: 409 });
    other = (await client.sendBatch({ instructor }, [{ name: 'c.mp4', content: mp4Like(300) }])).body.id;
  });
  const said = (msg: string) => lines.filter((line) => line['msg'] === msg);
  expect(said('batch opened')).toMatchObject([{ batch }]);
  expect(said('accepted')).toMatchObject([
    { batch, upload, sequence: 1, name: 'a.mp4', bytes: 200 },
    { batch: other, upload: expect.any(String), sequence: 2, name: 'c.mp4', bytes: 300 },
  ]);
  expect(said('batch sealed')).toMatchObject([{ batch, state: 'sealed' }, { batch: other }]);
  expect(said('refused')).toMatchObject([{ batch, status: 409 }]);
  expect(said('request completed').filter((line) => line['upload'] === upload)).toHaveLength(1);
});

it('names what the operator replays, drops, pauses and resumes', async () => {
  let [batch, upload] = ['', ''];
  const lines = await logged(async ({ door, client }) => {
    batch = (await client.openBatch({ instructor })).body.id;
    upload = (await client.putUpload(batch, 'a.mp4', mp4Like(200))).body.id;
    const fail = (round: number) =>
      settleUpload(
        door.ledger,
        { upload: { id: upload, batch, round }, run: undefined, keepOriginalsDays: 7 },
        { state: 'failed', reason: 'x' },
      );
    await fail(0);
    await client.replay(upload);
    await fail(1);
    await client.dropDeadLetter(upload);
    await client.pauseQueue();
    await client.resumeQueue();
  });
  expect(lines.filter(({ msg }) => String(msg).startsWith('the operator'))).toMatchObject([
    { msg: 'the operator replays a render', batch, upload, deadLetter: upload },
    { msg: 'the operator drops a dead letter', batch, upload, deadLetter: upload },
    { msg: 'the operator pauses the queue' },
    { msg: 'the operator resumes the queue' },
  ]);
});
