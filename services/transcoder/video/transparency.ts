/** Which pictures are transparent in parts. Pure. */
import type { ProbedStream } from './probe.ts';

/** WebM has it in a second picture of each frame, of which ffmpeg's own decoders know nothing. */
const decoders: Readonly<Record<string, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

export interface Transparency {
  readonly hasAlpha: boolean;
  /** The one decoder that sees it, if not every one does. */
  readonly decoder: string | undefined;
}

export function transparency({ pix_fmt = '', codec_name = '', tags }: ProbedStream): Transparency {
  const mode = Object.entries(tags).find(([name]) => name.toLowerCase() === 'alpha_mode')?.[1];
  const decoder = mode === '1' ? decoders[codec_name] : undefined;
  return { hasAlpha: decoder !== undefined || /^(yuva|gbrap|rgba|argb|bgra|abgr|ya)/.test(pix_fmt), decoder };
}
