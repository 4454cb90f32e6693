/**
 * A mail as mail clients show it: tables and inline styles, as Outlook and Gmail want them, at most 600 pixels wide.
 * It is whole without pictures, and without the style sheet, which only adds dark mode and small screens.
 */
import { Html, html } from '../../../shared/html.ts';

export interface Page {
  readonly title: string;
  /** Also what mail clients show of it beside the subject. */
  readonly summary: string;
  /** Each made by `row`. */
  readonly rows: readonly Html[];
  readonly footer: string;
}

export function page({ title, summary, rows, footer }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>${STYLE_SHEET}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6;">
<div style="display:none;max-height:0;overflow:hidden;">${summary}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="page" style="background:#f3f4f6;">
<tr><td align="center" class="frame" style="padding:32px 16px;">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" class="card" style="width:100%;max-width:600px;table-layout:fixed;background:#ffffff;border-radius:8px;">
<tr><td class="inside" style="padding:28px 32px 20px;${FONT}">
<h1 dir="auto" class="ink" style="margin:0;text-align:left;font-size:22px;line-height:30px;font-weight:600;color:#111827;${WRAP}">${title}</h1>
<p class="quiet" style="margin:6px 0 0;font-size:15px;line-height:22px;color:#4b5563;${WRAP}">${summary}</p>
</td></tr>
${rows}
</table>
<p class="quiet" style="margin:0;padding:20px 0 0;font-size:12px;line-height:18px;color:#6b7280;${FONT}">${footer}</p>
</td></tr>
</table>
</body>
</html>
`;
}

const FONT = new Html("font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;");

/** A name of 300 characters may be one word. */
export const WRAP = new Html('overflow-wrap:anywhere;word-break:break-word;');

/** `!important` because it has to win over the inline styles. */
const STYLE_SHEET = new Html(`
:root { color-scheme: light dark; }
@media (max-width: 480px) {
  .frame { padding: 0 !important; }
  .card { border-radius: 0 !important; }
  .inside { padding-left: 20px !important; padding-right: 20px !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background: #111317 !important; }
  .card { background: #1c1f26 !important; }
  .line { border-color: #323742 !important; }
  .ink { color: #f3f4f6 !important; }
  .quiet { color: #a7aebb !important; }
  .ready { color: #5fd38d !important; }
  .failed { color: #ff8f87 !important; }
  .note { color: #e9b949 !important; }
  .link { color: #8ab4ff !important; border-color: #3d4656 !important; }
}
`);

/** One thing that the mail is about, below a line. */
export function row(content: Html): Html {
  return html`<tr><td class="inside line" style="padding:18px 32px;border-top:1px solid #e5e7eb;${FONT}">
${content}
</td></tr>
`;
}

/** The name of it. */
export function heading(text: string): Html {
  return html`<p dir="auto" class="ink" style="margin:0;text-align:left;font-size:16px;line-height:22px;font-weight:600;color:#111827;${WRAP}">${text}</p>`;
}

/** What is wrong with it. */
export function failure(label: string, reason: string): Html {
  return html`<p class="failed" style="margin:2px 0 0;font-size:14px;line-height:20px;color:#b91c1c;${WRAP}"><strong>${label}:</strong> ${reason}</p>`;
}

/** What may be useful to know. */
export function quiet(text: string): Html {
  return html`<p class="quiet" style="margin:2px 0 0;font-size:14px;line-height:20px;color:#4b5563;${WRAP}">${text}</p>`;
}

export function link({ label, url }: { readonly label: string; readonly url: string }): Html {
  return html`<a href="${url}" target="_blank" class="link" style="color:#1d4ed8;border:1px solid #d1d5db;border-radius:4px;padding:4px 8px;text-decoration:none;white-space:nowrap;">${label}</a> `;
}
