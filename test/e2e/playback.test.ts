/** Plays what the house made in a real Chromium, from another origin: as a file, and as an adaptive stream. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVideo } from '../../fixtures/make.ts';
import { runTool } from '../../shared/run-tool.ts';
import { eventually } from '../support/eventually.ts';
import { startHouse } from '../support/house.ts';
import { needs } from '../support/needs.ts';
import { openPlayer } from '../support/player.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SECONDS = 14;

describe('in Chromium', needs.chromium, () => {
  const owned = new AsyncDisposableStack();
  let address: (file: string) => string;

  beforeAll(async () => {
    const directory = owned.use(await temporaryDirectory());
    const { client, url } = owned.use(await startHouse({ QUALITY: 'fast' }));
    const file = join(directory.path, 'lecture.mp4');
    const picture = await makeVideo({ file: `${file}.mkv`, width: 1280, height: 720, seconds: SECONDS });
    await writeFile(`${file}.srt`, '1\n00:00:01,000 --> 00:00:09,000\nGood morning\n');
    const subtitles = ['-i', `${file}.srt`, '-c', 'copy', '-c:s', 'mov_text', '-metadata:s:s:0', 'language=eng'];
    await runTool('ffmpeg', ['-v', 'error', '-i', picture, ...subtitles, file], { timeoutMs: 30_000 });
    const { id: batch } = (await client.openBatch({ instructor: 'ada@example.org' })).body;
    const { id } = (await client.putUpload(batch, 'lecture.mp4', await readFile(file))).body;
    address = (name) => `${url}/v1/media/${id}/${name}`;
    await eventually(async () => expect((await client.readUpload(id)).body.state).toBe('ready'), { within: 90_000 });
  });
  afterAll(() => owned.disposeAsync());

  it.each(['360p.mp4', '720p.mp4'])('%s plays as a file, and is sought in', async (file) => {
    await using player = await openPlayer();
    await player.playFile(address(file));
    await player.until(0.5);
    const { duration, height } = await player.state();
    expect(duration).toBeCloseTo(SECONDS, 1);
    expect(height).toBe(Number.parseInt(file, 10));
    await player.seek(11.3);
    await player.until(11.8);
    await player.seek(3.1);
    await player.until(3.4);
    expect(await player.brightness()).toBeGreaterThan(20);
    await player.seek(SECONDS - 0.4);
    await player.toTheEnd();
    expect(await player.state()).toMatchObject({ error: null, ended: true });
    expect(player.complaints).toEqual([]);
  });

  it('master.m3u8 plays through hls.js, changes its rungs, and is sought in, without an error', async () => {
    await using player = await openPlayer();
    await player.playStream(address('master.m3u8'));
    await player.until(0.5);
    // Picture and sound begin together: what is buffered of both begins at 0.
    expect(await player.state()).toMatchObject({ heights: [360, 480, 720], bufferedFrom: 0 });
    expect((await player.state()).subtitles).toEqual(['English en']);
    expect(await player.firstCue()).toBe('Good morning');
    for (const [height, from] of [
      [360, 0.5],
      [720, 5],
      [480, 9],
    ] as const) {
      await player.chooseHeight(height);
      await player.seek(from);
      await player.until(from + 0.6);
      expect((await player.state()).height).toBe(height);
      expect(await player.brightness()).toBeGreaterThan(20);
    }
    await player.seek(SECONDS - 0.4);
    await player.toTheEnd();
    const { duration, ...state } = await player.state();
    expect(state).toMatchObject({ error: null, ended: true, hlsErrors: [] });
    expect(duration).toBeCloseTo(SECONDS, 1);
    expect(player.complaints).toEqual([]);
  });
});
