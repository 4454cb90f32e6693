/** How far one file of the demo is, and what its line says. Pure. */
import { duration } from './amounts.ts';
import { fitted, padded } from './columns.ts';
import { printable } from './printable.ts';
import type { UploadView } from './views.ts';

export type Progress =
  | { readonly stage: 'waiting' }
  | { readonly stage: 'uploading'; readonly percent: number }
  | { readonly stage: 'refused'; readonly reason: string }
  | { readonly stage: 'queued'; readonly place: number | undefined }
  | {
      readonly stage: 'rendering';
      readonly percent: number;
      /** Seconds of media rendered per second. */
      readonly speed: number | undefined;
      readonly etaSeconds: number | undefined;
    }
  | { readonly stage: 'ready' }
  | { readonly stage: 'failed'; readonly reason: string };

export interface FileLine {
  readonly name: string;
  readonly progress: Progress;
}

const LONGEST_NAME = 34;
const BAR_WIDTH = 20;

/** What the API says of an accepted upload. */
export function progressOf(upload: UploadView): Progress {
  switch (upload.state) {
    case 'queued':
      return { stage: 'queued', place: upload.queuePosition };
    case 'processing':
      return { stage: 'rendering', percent: upload.progress, speed: upload.speed, etaSeconds: upload.etaSeconds };
    case 'ready':
      return { stage: 'ready' };
    case 'failed':
      return { stage: 'failed', reason: upload.reason ?? 'no reason was given' };
  }
}

/** One line a file: name, bar, percent, what it waits for. No line is wider than `width`. */
export function drawBoard(files: readonly FileLine[], width: number): string {
  return files
    .map(({ name, progress }) => {
      const percent = percentOf(progress);
      const number = percent === undefined ? '' : `${percent} %`;
      const line = `${padded(fitted(name, LONGEST_NAME), LONGEST_NAME)}  ${bar(percent ?? 0)} ${number.padStart(5)}  ${inWords(progress)}`;
      return fitted(printable(line), width);
    })
    .join('\n');
}

/** `percent` of the bar is full; it is never quite full before 100. */
export function bar(percent: number): string {
  const full = Math.floor((percent / 100) * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

function inWords(progress: Progress): string {
  switch (progress.stage) {
    case 'waiting':
      return 'waiting';
    case 'uploading':
      return 'uploading';
    case 'refused':
      return `refused: ${progress.reason}`;
    case 'queued':
      return progress.place === undefined ? 'queued' : `queued, place ${progress.place}`;
    case 'rendering': {
      const { speed, etaSeconds } = progress;
      const pace = speed === undefined ? '' : `, ${speed.toFixed(1)}×`;
      return `rendering${pace}${etaSeconds === undefined ? '' : `, ${duration(etaSeconds)} left`}`;
    }
    case 'ready':
      return 'ready';
    case 'failed':
      return `failed: ${progress.reason}`;
  }
}

/**
 * What is said where lines cannot be drawn over: the stage, and each quarter of the way.
 * The caller prints it when it differs from what was said last.
 */
export function milestone(progress: Progress): string {
  switch (progress.stage) {
    case 'uploading':
    case 'rendering':
      return `${progress.stage} ${Math.floor(progress.percent / 25) * 25} %`;
    default:
      return inWords(progress);
  }
}

function percentOf(progress: Progress): number | undefined {
  switch (progress.stage) {
    case 'uploading':
    case 'rendering':
      return progress.percent;
    case 'ready':
      return 100;
    default:
      return undefined;
  }
}
