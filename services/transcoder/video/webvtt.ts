/**
 * Makes WebVTT that is nothing else of what ffmpeg wrote. It passes text through as it found it: tags that players do not
 * know, bare `<` and `&`, blank lines that end a cue in its middle, the outlines that ASS draws with.
 */

const TIME = String.raw`(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}`;
const timing = new RegExp(String.raw`^(${TIME}) --> (${TIME})((?: \S+)*)$`);
const setting =
  /^(?:vertical:(?:rl|lr)|(?:line|position):[\w.%,-]+|size:[\d.]+%|align:(?:start|center|middle|end|left|right))$/;
const outline = /^m(?: -?[\d.]+){2}(?: (?:[mnlbspc]|-?[\d.]+))*$/;
/** The tags that every player knows. */
const tag = /<\/?(?:[biu]|ruby|rt)>/y;
/** Who speaks, in which language and style, and times within a cue: what they enclose is kept. */
const unneeded = /<(?:\/?(?:v|c|lang)(?:[.\s][^<>]*)?|[\d:.]+)>/g;
const entity = /&(?:amp|lt|gt|lrm|rlm|nbsp|#\d{1,7}|#x[\da-f]{1,6});/iy;

interface Cue {
  readonly from: string;
  readonly to: string;
  readonly settings: readonly string[];
  readonly lines: string[];
}

/** @returns undefined when no cue is in it. */
export function cleanWebVtt(written: string): string | undefined {
  const cues = cuesOf(written).filter(({ from, to, lines }) => seconds(to) > seconds(from) && lines.length > 0);
  if (cues.length === 0) return undefined;
  const blocks = cues.map(({ from, to, settings, lines }) =>
    [[`${from} --> ${to}`, ...settings].join(' '), ...lines].join('\n'),
  );
  return `${['WEBVTT', ...blocks].join('\n\n')}\n`;
}

/** A cue ends where the next one's times stand; what precedes the first is no text. */
function cuesOf(written: string): Cue[] {
  const cues: Cue[] = [];
  const lines = written.split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) {
    const [, from, to, settings = ''] = timing.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      cues.push({ from, to, settings: settings.split(' ').filter((one) => setting.test(one)), lines: [] });
      continue;
    }
    const text = cleanText(line.replaceAll(unneeded, ''));
    if (text !== '' && !outline.test(text) && !isIdentifier(index, lines)) cues.at(-1)?.lines.push(text);
  }
  return cues;
}

/** A line by itself directly before a cue's times names that cue. */
function isIdentifier(index: number, lines: readonly string[]): boolean {
  return lines[index - 1]?.trim() === '' && timing.test(lines[index + 1] ?? '');
}

function cleanText(line: string): string {
  const text = line.replaceAll(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu, ' ').trim();
  return text.replaceAll(/[<&]|-->/g, (found, at: number) => {
    if (found === '-->') return '--&gt;';
    const allowed = found === '<' ? tag : entity;
    allowed.lastIndex = at;
    if (allowed.test(text)) return found;
    return found === '<' ? '&lt;' : '&amp;';
  });
}

function seconds(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
