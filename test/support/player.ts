/** A real Chromium on a page of the test's own, which plays media of the house as a course platform would. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { CHROMIUM } from './needs.ts';

interface PlayerState {
  readonly seconds: number;
  readonly duration: number;
  /** Of the picture that is shown. */
  readonly height: number;
  readonly ended: boolean;
  readonly error: string | null;
  readonly bufferedFrom: number | null;
  /** Of the stream's rungs. */
  readonly heights: readonly number[];
  /** Name and language. */
  readonly subtitles: readonly string[];
  readonly hlsErrors: readonly string[];
}

/** What page/player.js does in the page. */
export interface Player extends AsyncDisposable {
  playFile(url: string): Promise<void>;
  /** By hls.js. */
  playStream(url: string): Promise<void>;
  /** Plays until the clock has passed so many seconds. */
  until(seconds: number): Promise<void>;
  toTheEnd(): Promise<void>;
  seek(seconds: number): Promise<void>;
  chooseHeight(height: number): Promise<void>;
  state(): Promise<PlayerState>;
  /** Words of the first cue of the stream's first subtitles. */
  firstCue(): Promise<string>;
  /** Mean of the pixels that are shown, 0 to 255. */
  brightness(): Promise<number>;
  /** What the page and its console complained of. */
  readonly complaints: readonly string[];
}

const scripts: Readonly<Record<string, string>> = {
  '/hls.js': fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js')),
  '/player.js': fileURLToPath(import.meta.resolve('../e2e/page/player.js')),
};

const HTML = '<!doctype html><link rel="icon" href="data:,"><video crossorigin="anonymous" muted></video>';

/** From another origin than the house's. */
export async function openPlayer(): Promise<Player> {
  await using owned = new AsyncDisposableStack();
  const server = createServer(async (request, response) => {
    const script = scripts[request.url ?? ''];
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script === undefined ? HTML : await readFile(script));
  }).listen(0, '127.0.0.1');
  owned.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const browser = await chromium.launch({
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    // Chromium does not sandbox itself as root, which tests in containers are.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--autoplay-policy=no-user-gesture-required'],
  });
  owned.defer(() => browser.close());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  for (const script of Object.keys(scripts)) await page.addScriptTag({ url: url + script });

  const ask = <T>(what: string, ...args: (string | number)[]) =>
    page.evaluate<T>(`player.${what}(${args.map((arg) => JSON.stringify(arg)).join()})`);
  const running = owned.move();
  return {
    playFile: (address) => ask('playFile', address),
    playStream: (address) => ask('playStream', address),
    until: (seconds) => ask('until', seconds),
    toTheEnd: () => ask('toTheEnd'),
    seek: (seconds) => ask('seek', seconds),
    chooseHeight: (height) => ask('chooseHeight', height),
    state: () => ask('state'),
    firstCue: () => ask('firstCue'),
    brightness: () => ask('brightness'),
    complaints,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
