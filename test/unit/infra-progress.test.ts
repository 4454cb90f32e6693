import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { bar, drawBoard, milestone, type Progress, progressOf } from '../../infra/local/demo/progress.ts';

const rendering: Progress = { stage: 'rendering', percent: 62, speed: 2.13, etaSeconds: 64 };

describe('the board', () => {
  test('shows name, bar, percent and what a file waits for', () => {
    const files = [
      { name: 'Lecture 1.mp4', progress: rendering },
      { name: 'Emblem.png', progress: { stage: 'queued', place: 2 } as const },
    ];
    expect(drawBoard(files, 120)).toBe(
      [
        'Lecture 1.mp4                       ████████████░░░░░░░░  62 %  rendering, 2.1×, 1:04 left',
        'Emblem.png                          ░░░░░░░░░░░░░░░░░░░░        queued, place 2',
      ].join('\n'),
    );
  });

  test('keeps its columns under names of any script, and fits the terminal', () => {
    const names = ['講義の録画、第一回、谷の夜明けと夕暮れ.mp4', '🎬🎬🎬.mp4', 'a'.repeat(300)];
    const lines = drawBoard(
      names.map((name) => ({ name, progress: rendering })),
      70,
    ).split('\n');
    const beforeBar = lines.map((line) => stringWidth(line.slice(0, line.indexOf('█'))));
    expect(new Set(beforeBar).size).toBe(1);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(70);
  });

  test('a name cannot move the cursor or begin a line', () => {
    const drawn = drawBoard([{ name: 'a\n\u001b[2Jb\u202e.mp4', progress: { stage: 'waiting' } }], 80);
    for (const character of '\n\u001b\u202e') expect(drawn).not.toContain(character);
  });
});

test.each([
  [0, 0],
  [4, 0],
  [50, 10],
  [99, 19],
  [100, 20],
])('at %i percent the bar has %i full cells of 20', (percent, full) => {
  expect(bar(percent)).toBe('█'.repeat(full) + '░'.repeat(20 - full));
});

test('plain lines tell each quarter of the way and no more', () => {
  const told = Array.from({ length: 100 }, (_, percent) => milestone({ ...rendering, percent }));
  expect([...new Set(told)]).toEqual(['rendering 0 %', 'rendering 25 %', 'rendering 50 %', 'rendering 75 %']);
});

test('what the API says becomes what the board shows', () => {
  const upload = { id: 'u', sequence: 1, name: 'a.mp4', progress: 40, variants: [] };
  expect(progressOf({ ...upload, state: 'queued', queuePosition: 3 })).toEqual({ stage: 'queued', place: 3 });
  expect(progressOf({ ...upload, state: 'processing', speed: 2 })).toMatchObject({ stage: 'rendering', percent: 40 });
  expect(progressOf({ ...upload, state: 'ready' })).toEqual({ stage: 'ready' });
  expect(progressOf({ ...upload, state: 'failed', reason: 'No picture.' })).toEqual({
    stage: 'failed',
    reason: 'No picture.',
  });
});
