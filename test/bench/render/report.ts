/** The figures as a table, and the ratios that have targets. Pure. */
import { columns } from '../../../infra/local/demo/columns.ts';
import type { Quality } from '../../../services/transcoder/ladder.ts';
import { median } from '../statistics.ts';
import type { Clip } from './clip.ts';
import { type Measurement, names } from './contenders.ts';
import type { Metric } from './quality.ts';
import type { Result } from './rounds.ts';

export interface Outcome {
  readonly clip: Clip;
  readonly quality: Quality;
  readonly metric: Metric;
  readonly results: readonly Result[];
}

const MiB = 1024 ** 2;

export function report(outcome: Outcome): string {
  const { clip, metric, results } = outcome;
  const { width, height, fps, seconds, bitrate } = clip;
  const lines = results.find(({ rungs }) => rungs.length > 0)?.rungs.map((rung) => rung.lines) ?? [];
  const head = ['', 'CPU s (range)', 'wall s', 'ffmpeg MiB', `${metric} ${lines.join('/')}`, 'kB', 'kB in all'];
  return [
    `${clip.file}: ${width}×${height}, ${fps.toFixed(2)} fps, ${seconds.toFixed(1)} s, ${Math.round(bitrate / 1000)} kbit/s`,
    ...columns([head, ...results.map((result) => row(result, metric))]),
    '',
    ...ratios(outcome),
    '',
  ].join('\n');
}

function row({ name, measurements, rungs }: Result, metric: Metric): string[] {
  const cpu = measurements.map(({ cpuSeconds }) => cpuSeconds);
  const kB = rungs.map(({ bytes }) => Math.round(bytes / 1000));
  return [
    name,
    `${median(cpu).toFixed(1)} (${range(cpu, 1)})`,
    median(measurements.map(({ seconds }) => seconds)).toFixed(1),
    (Math.max(...measurements.map(({ ffmpegPeak }) => ffmpegPeak)) / MiB).toFixed(0),
    rungs.map(({ quality }) => quality.toFixed(metric === 'VMAF' ? 1 : 4)).join('/'),
    kB.join('/'),
    kB.length === 0 ? '' : String(kB.reduce((sum, one) => sum + one)),
  ];
}

/** Those whose contenders have run. */
function ratios({ clip, quality, results }: Outcome): string[] {
  const of = (name: string) => results.find((result) => result.name === name)?.measurements;
  const ours = of(names.ours(quality));
  if (!ours) return [];
  const [command, alone, job] = [names.bare, names.eachAlone, names.mainJob].map((name) => of(name(quality)));
  const nodePeak = Math.max(...ours.map((one) => one.nodePeak ?? 0)) / MiB;
  const after = (of: 'cpuSeconds' | 'seconds') => median(ours.map((one) => one.after?.[of] ?? 0)).toFixed(2);
  const largest = Math.min(clip.width, clip.height);
  return [
    `${quality}: after ffmpeg, verification and pictures take ${after('cpuSeconds')} CPU s, ${after('seconds')} s; Node's peak memory is ${nodePeak.toFixed(0)} MiB (target 143)`,
    ...(command ? [`CPU of the render to the bare command: ${ratio(ours, command)} (target 1.02)`] : []),
    ...(alone
      ? [
          `CPU of the render to a process for each rung: ${ratio(ours, alone)} (target, at veryfast: ${largest > 1080 ? 0.55 : 0.8})`,
        ]
      : []),
    ...(job ? [`the main job takes ${more(job, ours)} longer than the render in it (target: 5 % of it and 2 s)`] : []),
  ];
}

/** Median and range of the rounds' own ratios. */
function ratio(one: readonly Measurement[], other: readonly Measurement[]): string {
  const each = one.map(({ cpuSeconds }, round) => cpuSeconds / (other[round]?.cpuSeconds ?? Number.NaN));
  return `${median(each).toFixed(3)} (${range(each, 3)})`;
}

function more(job: readonly Measurement[], ours: readonly Measurement[]): string {
  const each = job.map(({ seconds }, round) => seconds - wholeSeconds(ours[round]));
  return `${median(each).toFixed(1)} s (${range(each, 1)})`;
}

const wholeSeconds = (one: Measurement | undefined) => (one?.seconds ?? Number.NaN) + (one?.after?.seconds ?? 0);

const range = (values: readonly number[], digits: number) =>
  `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
