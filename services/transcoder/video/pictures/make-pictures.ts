/** The pictures beside a rendered video or recording of sound: poster, thumbnail, placeholder, and a video's storyboard. */
import sharp from 'sharp';
import { ToolFailed } from '../../../../shared/run-tool.ts';
import type { RenderedVariant } from '../../rendering.ts';
import { mostAppealing } from './appeal.ts';
import { hashPoster } from './hash-poster.ts';
import type { Darkroom } from './own-ffmpeg.ts';
import { makePoster } from './poster.ts';
import { takeStills } from './stills.ts';
import { makeStoryboard } from './storyboard.ts';
import { makeThumbnail } from './thumbnail.ts';
import { makeWaveform } from './waveform.ts';

export interface PictureRun extends Darkroom {
  /** Whether what cannot be made is left out. */
  readonly lenient: boolean;
}

export interface Pictures {
  readonly variants: readonly RenderedVariant[];
  /** Of the poster: placeholder.ts. */
  readonly placeholder: string | undefined;
  /** What is not there. */
  readonly warning?: string;
}

/**
 * @param rendered what was rendered and verified; pictures are made of our own files only.
 * @throws ToolFailed or Error: whatever goes wrong is the machine's fault; the signal's reason when aborted. A lenient run
 *   throws only when the disk is full.
 */
export async function makePictures(rendered: readonly RenderedVariant[], run: PictureRun): Promise<Pictures> {
  // Nothing is opened twice, and this process lives long.
  sharp.cache(false);
  const variants: RenderedVariant[] = [];
  const missing: string[] = [];
  const trying = async <Made>(what: string, make: () => Promise<Made>): Promise<Made | undefined> => {
    try {
      return await make();
    } catch (error) {
      run.signal.throwIfAborted();
      if (!run.lenient || isDiskFull(error)) throw error;
      missing.push(what);
      return undefined;
    }
  };

  const { directory } = run;
  const [smallest, ...larger] = rungsIn(rendered);
  const sound = rendered.find(({ contentType }) => contentType === 'audio/mp4');
  const stills = smallest && (await trying('storyboard', () => takeStills(smallest, run)));
  const poster = await trying('poster', async () => {
    if (smallest) return makePoster([smallest, ...larger], mostAppealing(stills ?? []), run);
    return sound && makeWaveform(sound, run);
  });
  const placeholder = poster && (await trying('placeholder', () => hashPoster(poster, directory)));
  if (poster) {
    const thumbnail = await trying('thumbnail', () => makeThumbnail(poster, directory));
    variants.push(poster, ...(thumbnail ? [thumbnail] : []));
  }
  if (stills) {
    const { durationSeconds = 0 } = smallest;
    variants.push(...((await trying('storyboard', () => makeStoryboard(stills, durationSeconds, directory))) ?? []));
  }
  return { variants, placeholder, ...(missing.length > 0 && { warning: `There is no ${missing.join(' and no ')}.` }) };
}

/** From the smallest to the largest. */
function rungsIn(rendered: readonly RenderedVariant[]): RenderedVariant[] {
  const area = ({ width = 0, height = 0 }: RenderedVariant) => width * height;
  return rendered
    .filter(({ contentType }) => contentType === 'video/mp4')
    .sort((one, other) => area(one) - area(other));
}

function isDiskFull(error: unknown): boolean {
  if (error instanceof ToolFailed) return error.end.trouble === 'no-space';
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
