/** The mail to the operator in HTML. */
import { type Html, html } from '../../../shared/html.ts';
import { type AlertView, HOW_TO_REPLAY, type ShownFailure } from './compose-alert.ts';
import { failure, heading, link, page, quiet, row, WRAP } from './page.ts';

export function alertHtml({ title, changes, reasons, shown, more, listUrl, claim }: AlertView): Html {
  const health = changes.map(({ from, to }) => heading(`It was ${from}, it is ${to} now.`));
  const rows = [
    ...(changes.length > 0 ? [row(html`${health}${reasons.map(quiet)}`)] : []),
    ...shown.map(failureRow),
    ...(more > 0 ? [row(html`${quiet(`and ${more} more`)}${link({ label: 'All dead letters', url: listUrl })}`)] : []),
  ];
  return page({ title, summary: shown.length > 0 ? HOW_TO_REPLAY : '', rows, footer: `Projectionist, alert ${claim}` });
}

function failureRow({ heading: what, batch, upload, reason, attempts, toolLines, url }: ShownFailure): Html {
  return row(html`${heading(what)}
${failure('Failed', reason)}
${quiet(`Batch: ${batch}`)}
${upload === undefined ? html`` : quiet(`Upload: ${upload}`)}
${quiet(`Attempts: ${attempts}`)}
${toolLines.length === 0 ? html`` : toolBlock(toolLines)}
<p style="margin:8px 0 0;font-size:14px;line-height:32px;">${link({ label: 'Look at it', url })}</p>`);
}

function toolBlock(lines: readonly string[]): Html {
  return html`<pre class="quiet" style="margin:8px 0 0;font-size:12px;line-height:18px;color:#4b5563;white-space:pre-wrap;${WRAP}">${lines.join('\n')}</pre>`;
}
