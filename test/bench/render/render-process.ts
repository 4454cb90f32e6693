/** Renders one file as the transcoder does, in a process of its own, and prints what that took. */
import { stdout } from 'node:process';
import { pino } from 'pino';
import { findSandbox } from '../../../services/transcoder/find-sandbox.ts';
import { QUALITIES } from '../../../services/transcoder/ladder.ts';
import { renderVideo } from '../../../services/transcoder/video/render-video.ts';
import { readConfig } from '../../../shared/config.ts';
import { cpuSoFar, peakMemory } from './usage.ts';

export interface Took {
  /** From the call to the end of ffmpeg, probe and plan included. */
  readonly render: { readonly cpuSeconds: number; readonly seconds: number };
  /** From there to the end: verification, poster and what else is made of the rungs. */
  readonly after: { readonly cpuSeconds: number; readonly seconds: number };
  /** Of this process alone, in bytes. */
  readonly peakMemory: number;
  readonly files: readonly { readonly name: string; readonly file: string }[];
}

const [, , source = '', directory = '', asked] = process.argv;
const quality = QUALITIES.find((one) => one === asked);
if (!quality) throw new Error(`there is no quality ${asked}`);

const now = async () => ({ cpuSeconds: await cpuSoFar(), seconds: performance.now() / 1000 });
let ffmpegEnded: ReturnType<typeof now> | undefined;
const log = pino({ level: 'debug' }, { write: noteEnd });

const begun = await now();
const rendering = await renderVideo({
  source,
  contentType: 'video/mp4',
  directory,
  lenient: false,
  settings: { ...readConfig({}).render, quality, sandbox: await findSandbox('auto', log) },
  signal: new AbortController().signal,
  onProgress: () => {},
  log,
});
const [rendered, done] = [await ffmpegEnded, await now()];
if (!rendered) throw new Error('ffmpeg did not say when it ended');
const took: Took = {
  render: between(begun, rendered),
  after: between(rendered, done),
  peakMemory: await peakMemory('self'),
  files: rendering.variants.map(({ name, file }) => ({ name, file })),
};
stdout.write(JSON.stringify(took));

function noteEnd(line: string): void {
  if (JSON.parse(line).msg === 'ffmpeg ended') ffmpegEnded ??= now();
}

function between(one: Awaited<typeof begun>, other: Awaited<typeof begun>) {
  return { cpuSeconds: other.cpuSeconds - one.cpuSeconds, seconds: other.seconds - one.seconds };
}
