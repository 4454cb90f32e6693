/** What a track is called, for its owner to recognise it by. */
import { languageName, languageOf } from './language.ts';
import type { ProbedStream } from './probe.ts';

const LONGEST = 60;

/** Its title, on one line; undefined when it has none. */
export function titleOf({ tags }: ProbedStream): string | undefined {
  const title = [...(tags['title'] ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim()];
  if (title.length === 0) return undefined;
  return title.length > LONGEST ? `${title.slice(0, LONGEST - 1).join('')}…` : title.join('');
}

/** `German “Commentary”`, `German`, `“Commentary”`, or `no. 3` by its place in the file. */
export function trackName(stream: ProbedStream): string {
  const language = languageOf(stream.tags['language']);
  const title = titleOf(stream);
  const parts = [language && languageName(language), title && `“${title}”`].filter(Boolean);
  return parts.length > 0 ? parts.join(' ') : `no. ${stream.index + 1}`;
}
