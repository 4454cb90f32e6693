import { expect, test } from 'vitest';
import { duration, size } from '../../infra/local/demo/amounts.ts';
import { report } from '../../infra/local/demo/report.ts';

const lecture = {
  name: 'Lecture – 講義.mp4',
  warning: 'The sound was cut off.',
  variants: [
    {
      name: '360p',
      url: 'http://h/v/360p.mp4',
      contentType: 'video/mp4',
      bytes: 1_234_567,
      width: 640,
      height: 360,
      durationSeconds: 65.2,
    },
    { name: 'audio', url: 'http://h/v/audio.m4a', contentType: 'audio/mp4', bytes: 812, durationSeconds: 65.2 },
  ],
  manifest: '/data/storage/media/b/1-x/manifest.json',
  files: ['/data/storage/media/b/1-x/1-ab/360p.mp4', '/data/storage/media/b/1-x/1-ab/audio.m4a'],
};

test('every variant is in the table, its place on disk below, and the mail', () => {
  const mail = { file: '/data/mail/1.eml', to: 'ada@school.example', subject: '1 file ready', text: 'Ready.\n\n' };
  expect(report({ ready: [lecture], lost: [], mails: [mail] }, 'npm start')).toBe(`
== Variants ==
file                variant  type       size    dimensions  duration  link
Lecture – 講義.mp4  360p     video/mp4  1.2 MB  640×360     1:05      http://h/v/360p.mp4
Lecture – 講義.mp4  audio    audio/mp4  812 B               1:05      http://h/v/audio.m4a

== Stored ==
Lecture – 講義.mp4
  note      The sound was cut off.
  manifest  /data/storage/media/b/1-x/manifest.json
  files     /data/storage/media/b/1-x/1-ab/
            360p.mp4  audio.m4a

== Mail ==
To: ada@school.example
Subject: 1 file ready

Ready.

(kept as /data/mail/1.eml)

The stack stops now. The links answer again with: npm start
`);
});

test('what was lost is said with its reason, and cannot write on the terminal', () => {
  const lost = [{ name: 'notes\u001b]0;x\u0007.txt', how: 'refused', reason: 'This is not a video.' }] as const;
  expect(report({ ready: [], lost, mails: [] }, 'npm start')).toBe(`
== Lost ==
notes\ufffd]0;x\ufffd.txt: refused: This is not a video.
`);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [123_456, '123 kB'],
  [5_000_000_000, '5.0 GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test.each([
  [0.4, '0:00'],
  [59.6, '1:00'],
  [3723, '1:02:03'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
