/** The first page: all mails, newest first. */
import { type Html, html } from '../../../shared/html.ts';
import type { Envelope } from './mailbox.ts';
import { clockTime, pageFrame } from './page-frame.ts';

export function listPage(mails: readonly Envelope[]): Html {
  const count = mails.length === 1 ? '1 mail' : `${mails.length} mails`;
  return pageFrame(
    'Caught mails',
    html`<h1>Caught mails</h1>
<p class="quiet">${count}, newest first. Nothing was delivered to anyone.</p>
<ul class="mails">
${mails.map(line)}
</ul>`,
  );
}

function line({ name, receivedAt, from, to, subject }: Envelope): Html {
  return html`<li><a href="/mails/${name}">
<strong dir="auto">${subject || 'no subject'}</strong>
<span class="quiet">${clockTime(receivedAt)}</span>
<span class="quiet">to ${to || 'nobody'}, from ${from || 'nobody'}</span>
</a></li>
`;
}
