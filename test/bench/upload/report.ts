/** The figures as a table, and whether the targets are met. Pure. */
import { size } from '../../../infra/local/demo/amounts.ts';
import { columns } from '../../../infra/local/demo/columns.ts';
import { median } from '../statistics.ts';
import type { Measurement, Measurements, Role } from './rounds.ts';
import { judge } from './verdict.ts';
import { about, WAYS, type Way } from './ways.ts';

export interface Outcome {
  /** What it ran on. */
  readonly machine: string;
  readonly bytes: number;
  readonly measurements: Measurements;
  /** Of the upload service, in bytes. */
  readonly peakMemory: number;
}

const HEAD = ['MB/s, median (range)', 'of direct', '(by round)', 'CPU s/GB: service', 'client', 'MinIO', 'client busy'];

export function report({ machine, bytes, measurements, peakMemory }: Outcome): string {
  const rows = WAYS.map((way) => row(way, measurements, bytes));
  return [
    machine,
    `input: one file of ${size(bytes)} (${bytes} bytes), in the page cache; ${measurements.direct.length} rounds`,
    '',
    ...columns([['', ...HEAD], ...rows]),
    '',
    `peak memory of the upload service: ${Math.round(peakMemory / 1024 ** 2)} MiB`,
    ...WAYS.flatMap((way) => verdictLine(way, measurements) ?? []),
  ].join('\n');
}

function row(way: Way, measurements: Measurements, bytes: number): string[] {
  const measured = measurements[way];
  const rates = measured.map(({ seconds }) => bytes / 1e6 / seconds);
  const ratios = ratiosOf(way, measurements);
  const cpuPerGB = (role: Role) => (median(measured.map(({ cpu }) => cpu[role])) / (bytes / 1e9)).toFixed(2);
  const clientBusy = median(measured.map(({ cpu, seconds }) => cpu.client / seconds));
  return [
    about[way].title,
    `${median(rates).toFixed(0)} (${range(rates, 0)})`,
    ratioOf(way, measurements).toFixed(2),
    way === 'direct' ? '' : `(${range(ratios, 2)})`,
    way === 'direct' ? '' : cpuPerGB('service'),
    cpuPerGB('client'),
    cpuPerGB('minio'),
    `${Math.round(clientBusy * 100)} %`,
  ];
}

const range = (values: readonly number[], digits: number) =>
  `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;

function verdictLine(way: Way, measurements: Measurements): string | undefined {
  const { title, target } = about[way];
  if (target === undefined) return undefined;
  const ratio = ratioOf(way, measurements);
  const verdict = judge(target, ratio, ratiosOf(way, measurements));
  const said = verdict === 'met' || verdict === 'missed' ? verdict : `no verdict: ${verdict}`;
  return `${title}: ${ratio.toFixed(2)} of direct, target ${target}: ${said}`;
}

const secondsOf = (measured: readonly Measurement[]) => measured.map(({ seconds }) => seconds);

/** By the medians of all rounds. */
const ratioOf = (way: Way, measurements: Measurements) =>
  median(secondsOf(measurements.direct)) / median(secondsOf(measurements[way]));

function ratiosOf(way: Way, measurements: Measurements): number[] {
  return measurements[way].map(({ seconds }, round) => (measurements.direct[round]?.seconds ?? Number.NaN) / seconds);
}
