/** What was counted in the ledger, as Prometheus counters. They survive restarts of everything, and a loss of Redis not. */
import { Counter, type Registry } from 'prom-client';
import type { Counters } from '../../../shared/ledger/counters.ts';

type Series = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

export function counterMetrics(registry: Registry, { of, repairs, renders }: Counters): void {
  const counter = (name: string, help: string, series: Series | number) => {
    const values: Series = typeof series === 'number' ? [[{}, series]] : series;
    if (values.length === 0) return;
    const labelNames = [...new Set(values.flatMap(([labels]) => Object.keys(labels)))];
    const metric = new Counter({ name: `projectionist_${name}`, help, labelNames, registers: [registry] });
    for (const [labels, value] of values) metric.inc(labels, value);
  };

  counter('uploads_total', 'Files accepted.', of.uploads);
  counter('upload_bytes_total', 'Bytes of the files accepted.', of.bytes);
  counter('jobs_total', 'Uploads settled, by outcome; one that was replayed settles again.', [
    [{ outcome: 'ready' }, of['settled:ready']],
    [{ outcome: 'failed' }, of['settled:failed']],
  ]);
  counter('retries_total', 'Tries to render that failed and were followed by another in place.', of.retries);
  counter('render_deaths_total', 'Renders whose transcoder died or lost its slot.', of.deaths);
  counter('dead_letters_total', 'Uploads that the main queue gave up.', of['dead-letters']);
  counter('replays_total', 'Dead letters that the operator had rendered again.', of.replays);
  counter(
    'repairs_total',
    'What the reconciler repaired, by repair.',
    Object.entries(repairs).map(([repair, times]) => [{ repair }, times]),
  );
  counter(
    'render_seconds_total',
    'Time that renders took which succeeded.',
    renders.map(({ kind, renderMs }) => [{ kind }, renderMs / 1000]),
  );
  counter(
    'rendered_media_seconds_total',
    'Media in the renders that succeeded; divided by the render seconds it is their speed.',
    renders.filter(({ kind }) => kind !== 'image').map(({ kind, mediaMs }) => [{ kind }, mediaMs / 1000]),
  );
  counter('mails_total', 'Mails: sent to instructors or to the operator (alert), or given up (refused).', [
    [{ outcome: 'sent' }, of['mails:sent']],
    [{ outcome: 'alert' }, of['mails:alerts']],
    [{ outcome: 'refused' }, of['mails:refused']],
  ]);
  counter('mail_failed_tries_total', 'Tries to send a mail that the SMTP server refused.', of['mails:failed-tries']);
}
