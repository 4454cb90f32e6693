/** Decodes the tracks of a damaged source, each by itself, to see how much there is of them before anything is rendered. */
import { FileFault } from '../../../shared/errors.ts';
import { type Circumstances, type Command, surveyCommand } from './command.ts';
import { isOverLimit, tooLarge } from './fault.ts';
import { type RenderRun, render, TookTooLong } from './render.ts';
import type { Found, Survey } from './salvage.ts';
import type { Source } from './source.ts';

/**
 * @param run is asked for each track.
 * @throws FileFault when a track is over a limit, of size or of time: that is no damage; what render.ts throws when the
 *   machine is at fault.
 */
export async function survey(source: Source, circumstances: Circumstances, run: () => RenderRun): Promise<Survey> {
  const { audio } = source;
  const video = source.kind === 'video' ? source.video : undefined;
  return {
    video: video && (await found(surveyCommand(video, video.frameRate, circumstances), run())),
    audio: audio && (await found(surveyCommand(audio, undefined, circumstances), run())),
  };
}

async function found(command: Command, run: RenderRun): Promise<Found | undefined> {
  try {
    const { seconds = 0, complaints } = await render(command, run);
    if (seconds > 0) return { endsAt: seconds, damaged: complaints.length > 0 };
    requireWithinLimits(complaints.join('\n'));
  } catch (error) {
    if (!(error instanceof FileFault) || error instanceof TookTooLong) throw error;
    requireWithinLimits(error.toolOutput);
  }
  return undefined;
}

function requireWithinLimits(output = ''): void {
  if (isOverLimit(output)) throw tooLarge(output);
}
