/** The figures as a table, and whether the target is met. Pure. */
import { columns } from '../../../infra/local/demo/columns.ts';
import { median } from '../statistics.ts';
import { type Measured, WAYS, type Way } from './rounds.ts';

const TITLES: Readonly<Record<Way, string>> = {
  booth: 'image booth',
  'one-by-one': 'bare loop, one output after the other',
  'at-once': 'bare loop, the outputs of a photo at once',
};

/** Of the bare loop's throughput. */
const TARGET = 0.9;

export function report(machine: string, { turns, read, written, peak }: Measured): string {
  const photos = turns.reduce((sum, turn) => sum + turn.photos, 0);
  const rows = WAYS.map((way) => {
    const seconds = turns.reduce((sum, turn) => sum + turn.seconds[way], 0);
    const ratios = turns.map((turn) => turn.seconds[way] / turn.seconds.booth);
    const spread = way === 'booth' ? '' : `${median(ratios).toFixed(2)} (${range(ratios)})`;
    const cpu = turns.reduce((sum, turn) => sum + turn.cpuSeconds[way], 0);
    return [TITLES[way], (photos / seconds).toFixed(3), (cpu / photos).toFixed(2), spread];
  });
  const ratio = (way: Way) => median(turns.map((turn) => turn.seconds[way] / turn.seconds.booth));
  return [
    machine,
    `${photos} photos, ${MB(read)} MB; outputs ${MB(written)} MB; in turns of ten`,
    '',
    ...columns([['', 'photos/s', 'CPU s/photo', "booth's throughput by this (range of the turns)"], ...rows]),
    '',
    `peak memory, MiB: image process ${MiB(peak.imageProcess)}, transcoder ${MiB(peak.transcoder)}, bare loop ${MiB(peak.bareLoop)}`,
    `target ${TARGET}: ${ratio('one-by-one') >= TARGET ? 'met' : 'missed'}; against all at once ${ratio('at-once') >= TARGET ? 'met' : 'missed'}`,
  ].join('\n');
}

const range = (values: readonly number[]) => `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
const MB = (bytes: number) => Math.round(bytes / 1e6);
const MiB = (bytes: number) => Math.round(bytes / 1024 ** 2);
