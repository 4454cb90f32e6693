/** How much a file may ask for. What is beyond is refused, never cut. */
import { FileFault } from '../../../shared/errors.ts';
import { MAX_SECONDS, type Plan } from './plan.ts';

export interface Limits {
  /** Of media, told by its packets. */
  readonly seconds: number;
  /** By the clock, without any progress: ffmpeg is stuck. */
  readonly stallMs: number;
}

export const LIMITS: Limits = { seconds: MAX_SECONDS, stallMs: 10 * 60_000 };

const MiB = 1024 ** 2;

/** Encoders keep to their peak over seconds, not to the bit; containers and small files have costs of their own. */
const ROOM = { factor: 2, bytes: 64 * MiB };

/** @returns the size beyond which no output of this plan can be right. */
export function mostBytes(plan: Plan, durationSeconds = MAX_SECONDS): number {
  const peaks = plan.kind === 'video' ? plan.rungs.map(({ maxBitrate }) => maxBitrate) : [];
  const bytesPerSecond = (Math.max(0, ...peaks) + plan.sound.bitrate) / 8;
  return ROOM.bytes + Math.ceil(ROOM.factor * bytesPerSecond * durationSeconds);
}

/** Of a disk that is far away or has much else to do. */
const SLOWEST_BYTES_PER_MS = 10_000;

/** Wall-clock time for a call that reads a file through without decoding it. */
export function readThroughMs(bytes: number): number {
  return 15 * 60_000 + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** @throws FileFault when it is longer than is accepted. */
export function requireLength(durationSeconds: number, { seconds }: Limits): void {
  if (durationSeconds <= seconds) return;
  const limit = seconds >= 3600 ? `${seconds / 3600} hours` : `${seconds} seconds`;
  throw new FileFault(`The file is longer than ${limit}. Please upload it in parts.`);
}
