import { describe, expect, it } from 'vitest';
import { closedTrackIn, faultOf, isCrash } from '../../services/transcoder/video/fault.ts';
import { FileFault } from '../../shared/errors.ts';
import { type ToolEnd, ToolFailed } from '../../shared/run-tool.ts';

const faultAfter = (end: Partial<ToolEnd>) => faultOf('ffmpeg', { output: '', ...end });

describe('a failed ffmpeg', () => {
  it.each<[RegExp, Partial<ToolEnd>]>([
    [/index .* missing/, { exitCode: 1, output: '[mov @ 0x1] moov atom not found\n/in: Invalid data found' }],
    [/ends before/, { exitCode: 183, output: '[mov @ 0x1] stream 0, offset 0x24c8: partial file\nInvalid data found' }],
    [/\(ffv1\)/, { exitCode: 234, output: "[ffv1 @ 0x1] Codec (ffv1) not on whitelist 'h264,hevc'" }],
    [/damaged/, { exitCode: 183, output: 'Invalid data found when processing input' }],
    [/crashes/, { endedBy: 'SIGSEGV', output: '' }],
    [/could not be converted/, { exitCode: 1, output: 'something new' }],
    [/could not be converted/, { exitCode: 255, output: 'Operation not permitted' }],
  ])('is the fault of the file: %s', (reason, end) => {
    const fault = faultAfter(end);
    expect(fault).toBeInstanceOf(FileFault);
    expect(fault.message).toMatch(reason);
  });

  it.each<[RegExp, Partial<ToolEnd>]>([
    [/disk is full/, { exitCode: 1, output: 'No space left on device', trouble: 'no-space' }],
    [/sandbox could not/, { exitCode: 1, output: 'bwrap: gone', trouble: 'no-sandbox' }],
    [/not installed/, { exitCode: 127, output: 'setpriv: failed to execute ffmpeg' }],
    [/not enough memory/, { exitCode: 244, output: '' }],
    [/not enough memory/, { exitCode: 1, output: 'x264 [error]: malloc of size 4177920 failed' }],
    [/SIGKILL/, { endedBy: 'SIGKILL' }],
    [/from outside/, { exitCode: 255 }],
  ])('is the trouble of the machine: %s', (reason, end) => {
    const trouble = faultAfter(end);
    expect(trouble).toBeInstanceOf(ToolFailed);
    expect(trouble.message).toMatch(reason);
  });

  it.each<[string | undefined, Partial<ToolEnd>]>([
    ['no-space', { exitCode: 1, output: '', trouble: 'no-space' }],
    ['no-memory', { exitCode: 1, output: '[libx264 @ 0x1] malloc of size 4177920 failed' }],
    ['no-memory', { exitCode: 1, output: '[out#0/mp4 @ 0x1] Error: Cannot allocate memory' }],
    ['no-memory', { exitCode: 1, output: 'Error initializing filter: Cannot allocate memory' }],
    ['no-memory', { endedBy: 'SIGKILL' }],
    [undefined, { endedBy: 'SIGTERM' }],
  ])('names what the machine lacks: %s', (trouble, end) => {
    expect(faultAfter(end)).toMatchObject({ end: { ...end, trouble } });
  });

  it('is taken for the fault of the file with less certainty where it crashed', () => {
    expect(faultAfter({ endedBy: 'SIGSEGV' })).toMatchObject({ certain: false });
    expect(faultAfter({ exitCode: 183, output: 'Invalid data found' })).toMatchObject({ certain: true });
    expect(faultAfter({ exitCode: 69, output: 'Cannot allocate memory' })).toMatchObject({ certain: true });
  });

  it.each([
    'No space left on device',
    '[flac @ 0x1] Unknown attached picture mimetype: x\nbwrap: gone',
    '[flac @ 0x1] Unknown attached picture mimetype: x\nx264 [error]: malloc of size 9 failed',
    '…\nError initializing filter: Cannot allocate memory',
  ])('is not the trouble of the machine because a file may say so: %j', (output) => {
    expect(faultAfter({ exitCode: 1, output })).toBeInstanceOf(FileFault);
  });

  it('keeps what ffmpeg said, without the list that it repeats', () => {
    const fault = faultAfter({ exitCode: 1, output: "Codec (ffv1) not on whitelist 'h264,hevc'\nError opening input" });
    expect(fault).toMatchObject({ toolOutput: 'Codec (ffv1) not on whitelist\nError opening input' });
  });
});

it.each<[boolean, string | undefined]>([
  [true, 'SIGSEGV'],
  [true, 'SIGABRT'],
  [true, 'SIGSYS'],
  [false, 'SIGKILL'],
  [false, 'SIGTERM'],
  [false, undefined],
])('a crash is one: %s of %s', (crashed, endedBy) => {
  expect(isCrash({ output: '', endedBy })).toBe(crashed);
});

describe('a track that ffprobe cannot open', () => {
  const closed = 'Could not open codec for input stream 2';
  const notListed = (codec: string) => `[${codec} @ 0x1] Codec (${codec}) not on whitelist 'h264,aac'\n`;

  it.each([
    ['is refused', `${notListed('wmav2')}${closed}`, { index: 2, refused: 'wmav2' }],
    ['is damaged', `[aac @ 0x1] invalid\n${closed}`, { index: 2, refused: undefined }],
    ['is damaged where another is refused', `${notListed('wmav2')}[aac @ 0x1] invalid\n${closed}`, { index: 2 }],
    ['is not there because a file says so', `x\n${closed}\n[flac @ 0x1] moov atom not found`, undefined],
    ['is told from other trouble', 'moov atom not found', undefined],
    ['is not to be left out for a limit', `Picture size 9x9 exceeds specified max pixel count 1\n${closed}`, undefined],
  ])('%s', (_what, output, expected) => {
    const track = closedTrackIn(output);
    if (expected) expect(track).toMatchObject(expected);
    else expect(track).toBeUndefined();
  });
});
