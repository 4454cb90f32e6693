import { describe, expect, it } from 'vitest';
import { type AlertedFailure, type Alerts, composeAlert } from '../../services/notification/mail/compose-alert.ts';

const file = (number: number): AlertedFailure => ({
  kind: 'render',
  id: `u${number}`,
  about: `lecture ${number}.mp4`,
  batch: 'b1',
  batchTitle: 'Biology',
  upload: `u${number}`,
  reason: 'The file is cut off.',
  attempts: 5,
  toolOutput: '',
});
const files = (count: number) => Array.from({ length: count }, (_, index) => file(index + 1));
const refused: AlertedFailure = {
  ...file(0),
  kind: 'mail',
  id: 'mail-b1',
  about: 'ada@example.org',
  upload: undefined,
};

const alertOf = (alerts: Partial<Alerts>) =>
  composeAlert(
    { to: 'op@example.org', claim: 'c1', failures: [], changes: [], reasons: [], ...alerts },
    { from: 'house@example.org', publicUrl: 'https://media.example.org/house' },
  );

describe('the alert', () => {
  it.each<[string, Partial<Alerts>]>([
    ['1 file could not be rendered', { failures: files(1) }],
    ['3 files could not be rendered, 1 mail could not be sent', { failures: [...files(3), refused] }],
    ['2 mails could not be sent', { failures: [refused, refused] }],
    [
      'Projectionist is ok',
      {
        changes: [
          { from: 'ok', to: 'warning' },
          { from: 'warning', to: 'ok' },
        ],
      },
    ],
  ])('says in its subject: %s', (subject, alerts) => {
    expect(alertOf(alerts).subject).toBe(subject);
  });

  it('is addressed, and named after its claim', () => {
    expect(alertOf({ failures: files(1) })).toMatchObject({
      to: 'op@example.org',
      from: 'house@example.org',
      messageId: '<alert-c1@media.example.org>',
    });
  });

  it('shows a hundred failures and says how many more there are', () => {
    const { subject, text, html } = alertOf({ failures: files(412) });
    expect(subject).toBe('412 files could not be rendered');
    expect(text).toContain('\n100. lecture 100.mp4\n');
    expect(text).not.toContain('lecture 101.mp4');
    expect(text).toContain('and 312 more: https://media.example.org/house/admin/dead-letters\n');
    expect(html).toContain('and 312 more');
    expect(alertOf({ failures: files(100) }).text).not.toContain('more');
  });

  it('says where each is looked at and how it is replayed, in HTML as in text', () => {
    const { text, html } = alertOf({ failures: [file(7)] });
    for (const said of [
      'https://media.example.org/house/admin/dead-letters/u7',
      '/replay',
      'Biology (b1)',
      'lecture 7.mp4',
    ]) {
      expect(text).toContain(said);
      expect(html).toContain(said);
    }
  });

  it('shows the last lines of the tool, shortened, and nothing of theirs is taken for markup or for our lines', () => {
    const toolOutput = `${Array.from({ length: 9 }, (_, index) => `line ${index + 1}`).join('\n')}\r\n<script>${'x'.repeat(999)}\n\n`;
    const { text, html } = alertOf({
      failures: [{ ...file(1), about: 'a\nb', reason: 'No.\r\nPay here', toolOutput }],
    });
    expect(text).toContain('1. a b\n   No. Pay here\n');
    expect(text).toContain('   | line 6\n   | line 7\n   | line 8\n   | line 9\n   | <script>xxx');
    expect(text).not.toContain('line 5');
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThan(310);
    expect(html).not.toContain('<script');
  });
});
