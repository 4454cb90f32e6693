/** The subtitles of a source: which can become text that players show, and which cannot. Pure. */
import { languageName, languageOf } from './language.ts';
import type { ProbedStream } from './probe.ts';
import { titleOf } from './track-name.ts';
import { listed } from './warning.ts';

export interface SubtitleTrack {
  /** Index of the stream in the file. */
  readonly index: number;
  /** `subtitles_1_en.vtt`. */
  readonly file: string;
  /** Whether it is WebVTT already. */
  readonly isWebVtt: boolean;
  /** BCP-47. */
  readonly language: string | undefined;
  /** Its title, as the file has it. */
  readonly label: string | undefined;
}

const text = ['subrip', 'ass', 'ssa', 'mov_text', 'webvtt', 'text', 'eia_608'];
const pictures = ['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle', 'xsub'];

/** More than this nobody chooses from. */
const MOST = 40;

export function subtitleTracks(streams: readonly ProbedStream[]): SubtitleTrack[] {
  const tracks = streams.filter((stream) => isSubtitle(stream) && text.includes(stream.codec_name ?? ''));
  return tracks.slice(0, MOST).map((stream, place) => {
    const language = languageOf(stream.tags['language']);
    const parts = ['subtitles', String(place + 1), ...(language === undefined ? [] : [language.replaceAll('-', '_')])];
    return {
      index: stream.index,
      file: `${parts.join('_')}.vtt`,
      isWebVtt: stream.codec_name === 'webvtt',
      language,
      label: titleOf(stream),
    };
  });
}

/** @returns what to say of those that cannot. */
export function lostSubtitles(streams: readonly ProbedStream[]): string[] {
  const lost = streams.filter((stream) => isSubtitle(stream) && !text.includes(stream.codec_name ?? ''));
  const drawn = lost.filter((stream) => pictures.includes(stream.codec_name ?? ''));
  const others = lost.filter((stream) => !drawn.includes(stream));
  const sentences: string[] = [];
  if (drawn.length > 0) sentences.push(`Subtitles that are pictures, not text, were left out${inLanguages(drawn)}.`);
  if (others.length > 0) {
    const formats = listed(others.map(({ codec_name = 'unknown' }) => codec_name));
    sentences.push(`Subtitles in a format that is not supported (${formats}) were left out${inLanguages(others)}.`);
  }
  return sentences;
}

/** @returns what to say of tracks that looked like text and gave none. */
export function brokenSubtitles(tracks: readonly SubtitleTrack[]): string | undefined {
  if (tracks.length === 0) return undefined;
  const names = tracks.map(({ language, label, file }) => label ?? (language && languageName(language)) ?? file);
  return `Subtitles that could not be read were left out: ${listed(names)}.`;
}

function isSubtitle({ codec_type }: ProbedStream): boolean {
  return codec_type === 'subtitle';
}

function inLanguages(streams: readonly ProbedStream[]): string {
  const languages = streams.map((stream) => languageOf(stream.tags['language'])).filter((one) => one !== undefined);
  return languages.length === 0 ? '' : `: ${listed(languages.map(languageName))}`;
}
