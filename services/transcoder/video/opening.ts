/** How a file may be opened: by which demuxers, and where. */
import type { Sandbox } from '../sandbox.ts';

export interface Opening {
  /** The only ones that may open it. */
  readonly demuxers: readonly string[];
  readonly sandbox: Sandbox;
  /** Whether we have made the file. What cannot be done with it in time is the machine's trouble then. */
  readonly isOurOwn?: boolean;
}

/** A file that we have made, out of an original: if that took over ffmpeg, what is in it is hostile as well. */
export function ourOwn(demuxer: string, sandbox: Sandbox): Opening {
  return { demuxers: [demuxer], sandbox, isOurOwn: true };
}
