/** The mail to an instructor in HTML. */
import { type Html, html } from '../../../shared/html.ts';
import type { FinishedBatch, SettledFile } from './compose.ts';
import { failure, heading, link, page, quiet, row, WRAP } from './page.ts';

export function htmlPart({ batch, title, files }: FinishedBatch, summary: string): Html {
  return page({ title, summary, rows: files.map(fileRow), footer: `Projectionist, batch ${batch}` });
}

function fileRow(file: SettledFile): Html {
  return row(html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;"><tr>
${file.state === 'ready' && file.thumbnail !== undefined ? picture(file.thumbnail) : html``}<td valign="top">
${heading(file.name)}
${outcome(file)}
</td></tr></table>`);
}

function outcome(file: SettledFile): Html {
  if (file.state === 'failed') return failure('Failed', file.reason);
  return file.state === 'ready' ? ready(file) : quiet(TRIED_AGAIN);
}

/** Said of a file that was replayed before its batch's mail was sent. */
export const TRIED_AGAIN = 'Being tried again: one more mail will say what came of it.';

function picture(url: string): Html {
  return html`<td width="112" valign="top" style="width:112px;"><img src="${url}" width="96" alt="" style="display:block;width:96px;height:auto;border:0;border-radius:4px;"></td>`;
}

function ready({ warning, links }: Extract<SettledFile, { state: 'ready' }>): Html {
  return html`<p class="ready" style="margin:2px 0 0;font-size:14px;line-height:20px;color:#15803d;">Ready</p>
${warning === undefined ? html`` : html`<p class="note" style="margin:2px 0 0;font-size:14px;line-height:20px;color:#92400e;${WRAP}">Please note: ${warning}</p>`}
<p style="margin:8px 0 0;font-size:14px;line-height:32px;">${links.map(link)}</p>`;
}
