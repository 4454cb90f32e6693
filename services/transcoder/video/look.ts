/** A look at the source before it is planned, too cheap to matter: packets are counted, nothing is decoded. */
import { FileFault } from '../../../shared/errors.ts';
import type { Content } from '../ladder.ts';
import type { Circumstances } from './command.ts';
import { contentOf } from './content.ts';
import { packetsOf } from './probe.ts';
import type { Source } from './source.ts';

/** Where it looks, as shares of the length, and for how many seconds each. */
const PLACES = [0, 0.25, 0.5, 0.75, 0.95];
const SECONDS = 12;

/** What cannot be looked at counts as moving: whether it can be rendered is found out elsewhere. */
export async function look(source: Source, { file, opening }: Circumstances, signal: AbortSignal): Promise<Content> {
  if (source.kind === 'audio') return 'moving';
  const { video, durationSeconds = 0, clockAtStart } = source;
  const places = durationSeconds <= PLACES.length * SECONDS ? [0] : PLACES;
  const from = places.map((share) => Math.max(0, clockAtStart) + share * durationSeconds);
  const seconds = from.length === 1 ? PLACES.length * SECONDS : SECONDS;
  try {
    const packets = await packetsOf(file, opening, video.index, { from, seconds }, signal);
    return contentOf(packets, video.width * video.height);
  } catch (error) {
    if (error instanceof FileFault) return 'moving';
    throw error;
  }
}
