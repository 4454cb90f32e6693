/** The figures as a table, and whether the target is met. Pure. */
import { columns } from '../../../infra/local/demo/columns.ts';
import { median, quantile } from '../statistics.ts';
import { type Measured, WAYS, type Way } from './rounds.ts';

const TITLES: Readonly<Record<Way, string>> = {
  booth: 'image booth',
  'one-by-one': 'bare loop, one output after the other',
  'at-once': 'bare loop, the outputs of a photo at once',
};

/** Of the bare loop's throughput. */
const TARGET = 0.9;

const HEAD = ['photos/s', 'CPU s/photo', "booth's throughput by this: median of the photos (quartiles)"];

export function report(machine: string, { turns, read, written, peak }: Measured): string {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const ratios = (way: Way) => turns.map(({ seconds }) => seconds[way] / seconds.booth);
  const rows = WAYS.map((way) => [
    TITLES[way],
    (turns.length / sum(turns.map(({ seconds }) => seconds[way]))).toFixed(3),
    (sum(turns.map(({ cpuSeconds }) => cpuSeconds[way])) / turns.length).toFixed(2),
    way === 'booth' ? '' : `${median(ratios(way)).toFixed(2)} (${quartiles(ratios(way))})`,
  ]);
  const ratio = median(ratios('one-by-one'));
  return [
    machine,
    `${turns.length} photos of ${MB(read)} MB, each through all ways in turn; outputs of ${MB(written)} MB, the same in each`,
    '',
    ...columns([['', ...HEAD], ...rows]),
    '',
    `peak memory, MiB: image process ${MiB(peak.imageProcess)}, bare loop ${MiB(peak.bareLoop)}`,
    `target ${TARGET} of the bare loop: ${ratio >= TARGET ? 'met' : 'missed'} (${ratio.toFixed(2)})`,
  ].join('\n');
}

const quartiles = (values: readonly number[]) =>
  `${quantile(values, 0.25).toFixed(2)}–${quantile(values, 0.75).toFixed(2)}`;
const MB = (bytes: number) => Math.round(bytes / 1e6);
const MiB = (bytes: number) => Math.round(bytes / 1024 ** 2);
