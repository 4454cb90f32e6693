/** What the owner is told of tracks that a player would have let its viewers choose, and ours will not have. Pure. */
import type { ProbedStream } from './probe.ts';
import { lostSubtitles } from './subtitle-tracks.ts';
import { trackName } from './track-name.ts';
import { listed } from './warning.ts';

/** The tracks that can be shown or heard, those that are rendered among them. */
export interface Choice {
  readonly pictures: readonly ProbedStream[];
  readonly sounds: readonly ProbedStream[];
  readonly rendered: readonly (ProbedStream | undefined)[];
}

/** @returns one sentence for each kind; nothing of chapters, data and cover art, which nobody misses. */
export function droppedTracks({ pictures, sounds, rendered }: Choice, streams: readonly ProbedStream[]): string[] {
  const others = (tracks: readonly ProbedStream[]) => tracks.filter((track) => !rendered.includes(track));
  return [
    ...sentence('Only one picture was rendered', others(pictures)),
    ...sentence('Only one sound track was rendered', others(sounds)),
    ...lostSubtitles(streams),
  ];
}

function sentence(beginning: string, left: readonly ProbedStream[]): string[] {
  return left.length === 0 ? [] : [`${beginning}; left out: ${listed(left.map(trackName))}.`];
}
