import { describe, expect, it } from 'vitest';
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { languageName, languageOf } from '../../services/transcoder/video/language.ts';
import { ourOwn } from '../../services/transcoder/video/opening.ts';
import type { ProbedStream } from '../../services/transcoder/video/probe.ts';
import { brokenSubtitles, lostSubtitles, subtitleTracks } from '../../services/transcoder/video/subtitle-tracks.ts';
import { subtitleArguments } from '../../services/transcoder/video/subtitles.ts';
import { cleanWebVtt } from '../../services/transcoder/video/webvtt.ts';
import { pictureStream } from '../support/probed.ts';

const subtitle = (codec_name: string, tags: Record<string, string> = {}, index = 2): ProbedStream =>
  pictureStream({ index, codec_type: 'subtitle', codec_name, tags });

describe('a language', () => {
  it.each([
    ['eng', 'en'],
    ['ger', 'de'],
    ['deu', 'de'],
    ['pt-br', 'pt-BR'],
    ['zh_Hans', 'zh-Hans'],
    ['und', undefined],
    ['', undefined],
    ['English', undefined],
    ['xq', undefined],
    ['"><script>', undefined],
    [undefined, undefined],
  ])('is found in %j: %s', (tag, expected) => {
    expect(languageOf(tag)).toBe(expected);
  });

  it('has a name', () => {
    expect(languageName('de')).toBe('German');
  });
});

describe('the subtitles of a source', () => {
  it('are those of text, each with a file of its own', () => {
    const streams = [
      subtitle('subrip', { language: 'eng', title: 'For the\ndeaf ' }, 2),
      subtitle('hdmv_pgs_subtitle', { language: 'fra' }, 3),
      subtitle('webvtt', {}, 4),
      subtitle('ass', { language: 'pt-BR', title: 'x'.repeat(500) }, 5),
    ];
    expect(subtitleTracks(streams)).toEqual([
      { index: 2, file: 'subtitles_1_en.vtt', isWebVtt: false, language: 'en', label: 'For the deaf' },
      { index: 4, file: 'subtitles_2.vtt', isWebVtt: true, language: undefined, label: undefined },
      { index: 5, file: 'subtitles_3_pt_BR.vtt', isWebVtt: false, language: 'pt-BR', label: `${'x'.repeat(59)}…` },
    ]);
    for (const { file } of subtitleTracks(streams)) expect(file).toMatch(/^\w+\.\w+$/);
  });

  it('are told of where they cannot become text', () => {
    expect(lostSubtitles([subtitle('hdmv_pgs_subtitle', { language: 'fra' }), subtitle('dvd_subtitle')])).toEqual([
      'Subtitles that are pictures, not text, were left out: French.',
    ]);
    expect(lostSubtitles([subtitle('dvb_teletext')])).toEqual([
      'Subtitles in a format that is not supported (dvb_teletext) were left out.',
    ]);
    expect(lostSubtitles([subtitle('mov_text')])).toEqual([]);
    expect(brokenSubtitles(subtitleTracks([subtitle('subrip', { language: 'deu' })]))).toBe(
      'Subtitles that could not be read were left out: German.',
    );
    expect(brokenSubtitles([])).toBeUndefined();
  });

  it('are read from the file as it is guarded, all at once', () => {
    const tracks = subtitleTracks([subtitle('subrip', { language: 'en' }, 2), subtitle('webvtt', {}, 4)]);
    const args = subtitleArguments(tracks, { file: '/job/original', opening: ourOwn('matroska', NO_SANDBOX) }).join(
      ' ',
    );
    expect(args).toMatch(/-format_whitelist matroska .* -i file:\/job\/original /);
    expect(args).toContain('-map 0:2 -c:s webvtt');
    expect(args).toContain('-map 0:4 -c:s copy');
  });
});

describe('WebVTT', () => {
  const cue = (text: string, times = '00:01.000 --> 00:02.000') => `WEBVTT\n\n${times}\n${text}\n`;
  const textOf = (text: string) => cleanWebVtt(cue(text))?.split('\n').slice(3).join('\n').trim();

  it('stays as it is where it is right', () => {
    const right = cue('<i>Hello</i> &amp; good\nbye', '01:00:01.000 --> 01:00:02.000 line:0 align:start');
    expect(cleanWebVtt(right)).toBe(right);
  });

  it.each([
    ['a bare <', 'a < b', 'a &lt; b'],
    ['a bare &', 'you & me &amp; all', 'you &amp; me &amp; all'],
    ['an arrow', 'a --> b', 'a --&gt; b'],
    [
      'an unknown tag',
      '<script>x</script> <font color="red">y</font>',
      '&lt;script>x&lt;/script> &lt;font color="red">y&lt;/font>',
    ],
    ['control characters', 'a\u0000b\u001b[31mc', 'a b [31mc'],
    ['a blank line within', 'one\n\ntwo', 'one\ntwo'],
    ['an outline that is drawn', 'm 0 0 l 100 0 100 100\nword', 'word'],
  ])('is mended: %s', (_what, text, expected) => {
    expect(textOf(text)).toBe(expected);
  });

  it('has no cue without text or without time, and none that is only said to be one', () => {
    expect(cleanWebVtt('WEBVTT\n\nSTYLE\n::cue { color: url(http://example.org) }\n')).toBeUndefined();
    expect(cleanWebVtt(cue('x', '00:02.000 --> 00:01.000'))).toBeUndefined();
    expect(cleanWebVtt(cue(' '))).toBeUndefined();
    expect(cleanWebVtt(cue('x', '00:01.000 --> 00:02.000 onclick:evil line:<b>'))).toBe(cue('x'));
  });
});

describe('WebVTT from a meeting', () => {
  it('keeps what is said, without who says it and the numbers of cues', () => {
    const written = [
      'WEBVTT',
      '',
      'a1-0',
      '00:01.000 --> 00:02.000',
      '<v Bob Smith>Hello <c.loud>there</c></v>',
      '',
      '2',
      '00:03.000 --> 00:04.000',
      '<lang en>What <00:03.500>now</lang>',
      '42',
      '',
    ];
    expect(cleanWebVtt(written.join('\n'))).toBe(
      'WEBVTT\n\n00:01.000 --> 00:02.000\nHello there\n\n00:03.000 --> 00:04.000\nWhat now\n42\n',
    );
  });
});
