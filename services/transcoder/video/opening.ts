/** How a file may be opened: by which demuxers, and where. */
import { NO_SANDBOX, type Sandbox } from '../sandbox.ts';

export interface Opening {
  /** The only ones that may open it. */
  readonly demuxers: readonly string[];
  readonly sandbox: Sandbox;
}

/** A file that we have made: what is in it was encoded here, so no sandbox is needed; the input guard holds all the same. */
export function ourOwn(demuxer: string): Opening {
  return { demuxers: [demuxer], sandbox: NO_SANDBOX };
}
