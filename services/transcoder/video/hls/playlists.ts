/** The text of HLS playlists (RFC 8216). Pure. Their addresses are relative, so that they hold wherever the files lie. */
import type { Size } from '../../rungs.ts';
import type { Fragment } from './fragments.ts';
import { averageBandwidth, peakBandwidth, targetSeconds } from './segments.ts';

/** What a player chooses a rung by. */
export interface Stream {
  /** Of its media playlist. */
  readonly file: string;
  readonly size: Size;
  readonly framesPerSecond: number;
  /** RFC 6381, of picture and sound. */
  readonly codecs: string;
  readonly segments: readonly Fragment[];
}

export interface SubtitleTrack {
  /** Of its media playlist. */
  readonly file: string;
  /** What a viewer chooses it by. */
  readonly label: string;
  /** BCP 47; undefined when not known. */
  readonly language: string | undefined;
}

/** From 7 on there are fragmented MP4 segments. */
const VERSION = 7;

/** @param file of the rung; its segments are byte ranges of it. */
export function mediaPlaylist(file: string, initializationBytes: number, segments: readonly Fragment[]): string {
  return lines([
    ...vod(targetSeconds(segments)),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${file}",BYTERANGE="${initializationBytes}@0"`,
    ...segments.flatMap(({ seconds, bytes, offset }) => [
      `#EXTINF:${seconds.toFixed(5)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      file,
    ]),
    '#EXT-X-ENDLIST',
  ]);
}

/** All of a WebVTT file as one segment. */
export function subtitlePlaylist(file: string, seconds: number): string {
  return lines([...vod(Math.max(1, Math.round(seconds))), `#EXTINF:${seconds.toFixed(5)},`, file, '#EXT-X-ENDLIST']);
}

/** @param streams from the smallest to the largest. */
export function masterPlaylist(streams: readonly Stream[], subtitles: readonly SubtitleTrack[]): string {
  return lines([
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...subtitles.map(subtitleEntry),
    ...startingWell(streams).flatMap((stream) => [streamEntry(stream, subtitles.length > 0), stream.file]),
  ]);
}

/**
 * Many players begin with the stream that is named first: Apple wants one of at most 2 Mbit/s there (HLS authoring
 * specification, 9.16).
 */
const START_BELOW = 2_000_000;

function startingWell(streams: readonly Stream[]): readonly Stream[] {
  const start = streams.findLast(({ segments }) => averageBandwidth(segments) <= START_BELOW) ?? streams[0];
  return start ? [start, ...streams.filter((stream) => stream !== start)] : [];
}

function streamEntry({ segments, codecs, size, framesPerSecond }: Stream, hasSubtitles: boolean): string {
  const attributes = [
    `BANDWIDTH=${peakBandwidth(segments)}`,
    `AVERAGE-BANDWIDTH=${averageBandwidth(segments)}`,
    `CODECS="${codecs}"`,
    `RESOLUTION=${size.width}x${size.height}`,
    `FRAME-RATE=${framesPerSecond.toFixed(3)}`,
    'VIDEO-RANGE=SDR',
    'CLOSED-CAPTIONS=NONE',
    ...(hasSubtitles ? ['SUBTITLES="subtitles"'] : []),
  ];
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`;
}

function subtitleEntry({ file, label, language }: SubtitleTrack): string {
  const attributes = [
    'TYPE=SUBTITLES',
    'GROUP-ID="subtitles"',
    `NAME="${quotable(label)}"`,
    ...(language === undefined ? [] : [`LANGUAGE="${quotable(language)}"`]),
    'DEFAULT=NO',
    'AUTOSELECT=YES',
    `URI="${file}"`,
  ];
  return `#EXT-X-MEDIA:${attributes.join(',')}`;
}

/** A quoted string cannot hold a quote or a line's end, and has no way to escape them (RFC 8216, 4.2). */
export function quotable(text: string): string {
  return text.replaceAll(/[\p{Cc}"]+/gu, ' ').trim();
}

function vod(target: number): string[] {
  return ['#EXTM3U', `#EXT-X-VERSION:${VERSION}`, `#EXT-X-TARGETDURATION:${target}`, '#EXT-X-PLAYLIST-TYPE:VOD'];
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
