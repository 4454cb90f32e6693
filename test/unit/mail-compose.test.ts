import { describe, expect, it } from 'vitest';
import { compose, type FinishedBatch, type SettledFile } from '../../services/notification/mail/compose.ts';

const sender = {
  from: 'Projectionist <projectionist@example.org>',
  replyTo: 'operator@example.org',
  publicUrl: 'https://media.example.org:8443/house',
};

const lecture: SettledFile = {
  state: 'ready',
  name: 'lecture.mp4',
  warning: 'The second audio track was left out.',
  links: [
    { label: '360p.mp4', url: 'https://media.example.org/v1/media/u1/360p.mp4' },
    { label: '1080p.mp4', url: 'https://media.example.org/v1/media/u1/1080p.mp4' },
  ],
  thumbnail: 'https://media.example.org/v1/media/u1/poster.jpg',
};
const broken: SettledFile = { state: 'failed', name: 'broken.mov', reason: 'The file is cut off.' };

const mailOf = (batch: Partial<FinishedBatch> = {}) =>
  compose({ batch: 'b1', title: 'Biology', instructor: 'ada@example.org', files: [lecture, broken], ...batch }, sender);
const named = (name: string) =>
  mailOf({
    files: [
      { ...lecture, name },
      { ...broken, name },
    ],
  });

describe('the subject', () => {
  it.each<[string, readonly SettledFile[]]>([
    ['1 file ready, 1 failed: Biology', [lecture, broken]],
    ['1 file ready: Biology', [lecture]],
    ['3 files ready: Biology', [lecture, lecture, lecture]],
    ['2 files ready, 3 failed: Biology', [lecture, broken, lecture, broken, broken]],
    ['1 file failed: Biology', [broken]],
    ['2 files failed: Biology', [broken, broken]],
  ])('counts: %s', (subject, files) => {
    expect(mailOf({ files }).subject).toBe(subject);
  });

  it('does without a title', () => {
    expect(mailOf({ title: ' \r\n ' }).subject).toBe('1 file ready, 1 failed: Your files');
  });

  it('shortens a long title between two characters as people see them', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(mailOf({ title: family.repeat(300) }).subject).toBe(`1 file ready, 1 failed: ${family.repeat(119)}…`);
    expect(mailOf({ title: family.repeat(300) }).text).toContain(family.repeat(300));
  });
});

describe('the mail', () => {
  it('is addressed, and has the same Message-ID for the same batch', () => {
    expect(mailOf()).toMatchObject({
      to: 'ada@example.org',
      from: 'Projectionist <projectionist@example.org>',
      replyTo: 'operator@example.org',
      messageId: '<batch-b1@media.example.org>',
    });
    expect(mailOf({ files: [broken] }).messageId).toBe(mailOf().messageId);
    expect(mailOf({ batch: 'b2' }).messageId).not.toBe(mailOf().messageId);
  });

  it('leaves out replyTo when nobody reads replies', () => {
    const { from, publicUrl } = sender;
    const batch = { batch: 'b1', title: '', instructor: 'ada@example.org', files: [lecture] };
    expect(compose(batch, { from, publicUrl })).not.toHaveProperty('replyTo');
  });

  it('says in text what came of each file, in upload order', () => {
    expect(mailOf().text).toBe(`Biology

1 file ready, 1 failed.

1. lecture.mp4
   Ready.
   Please note: The second audio track was left out.
   360p.mp4   https://media.example.org/v1/media/u1/360p.mp4
   1080p.mp4  https://media.example.org/v1/media/u1/1080p.mp4

2. broken.mov
   FAILED: The file is cut off.

-- 
Projectionist, batch b1
`);
  });

  it('says the same in HTML', () => {
    const { html } = mailOf();
    const visible = html
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(visible).toContain('lecture.mp4 Ready Please note: The second audio track was left out. 360p.mp4 1080p.mp4');
    expect(visible).toContain('broken.mov Failed: The file is cut off.');
    expect(html).toContain('href="https://media.example.org/v1/media/u1/1080p.mp4"');
    expect(html).toContain('src="https://media.example.org/v1/media/u1/poster.jpg"');
  });
});

describe('hostile names', () => {
  it('stay text in HTML', () => {
    const { html } = named('"><img src=x onerror=alert(1)></td></table><script>alert(1)</script>');
    expect(html).not.toMatch(/<script|<img src=x|<\/table><\/td><\/table>.*alert/s);
    expect(html.match(/<table/g)).toHaveLength(html.match(/<\/table>/g)?.length ?? 0);
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
  });

  it('stay on their line, in headers and in text', () => {
    const { subject, text } = mailOf({
      title: 'Biology\r\nBcc: eve@example.org\n\nHello',
      files: [{ ...broken, name: 'a\r\n2. fake.mp4\u2028Ready\u0000.mov', reason: 'No.\r\n\r\nPay here' }],
    });
    expect(subject).toBe('1 file failed: Biology Bcc: eve@example.org Hello');
    expect(text).toContain('1. a 2. fake.mp4 Ready .mov\n   FAILED: No. Pay here\n');
  });

  it('cannot turn the direction of what follows them, but may be Hebrew and have emoji', () => {
    expect(named('exe.\u202Egpj.exe\u2066').text).toContain('1. exe.gpj.exe\n');
    expect(named('הרצאה 🧬.mp4').text).toContain('1. הרצאה 🧬.mp4\n');
    expect(named('הרצאה 🧬.mp4').html).toContain('>הרצאה 🧬.mp4</p>');
  });

  it('are shown whole at 300 characters, and named when there is nothing to show', () => {
    expect(named('x'.repeat(300)).text).toContain(`1. ${'x'.repeat(300)}\n`);
    expect(named('x'.repeat(300)).html).toContain(`overflow-wrap:anywhere;word-break:break-word;">${'x'.repeat(300)}`);
    expect(named('\u0000').text).toContain('1. a file without a name\n');
    expect(named('half a pair \ud83e.mp4').text).toContain('half a pair \ufffd.mp4');
  });
});
