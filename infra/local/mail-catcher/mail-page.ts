/** The page of one mail: who, when, its HTML in a frame of its own, its text and its attachments. */
import { type Html, html } from '../../../shared/html.ts';
import { addressesOf, parseMail, receivedAt } from './mailbox.ts';
import { clockTime, pageFrame } from './page-frame.ts';

export async function mailPage(name: string, content: Buffer): Promise<Html> {
  const mail = await parseMail(content);
  const subject = mail.subject || 'no subject';
  const attachments = mail.attachments.filter(({ related }) => !related);
  return pageFrame(
    subject,
    html`<p><a href="/">All mails</a></p>
<h1 dir="auto">${subject}</h1>
<dl>
<dt>To</dt><dd>${addressesOf(mail.to) || 'nobody'}</dd>
<dt>From</dt><dd>${mail.from?.text || 'nobody'}</dd>
${mail.replyTo ? html`<dt>Reply to</dt><dd>${mail.replyTo.text}</dd>` : html``}
<dt>Received</dt><dd>${clockTime(receivedAt(name))}</dd>
<dt>Message-ID</dt><dd>${mail.messageId ?? 'none'}</dd>
<dt>Source</dt><dd><a href="/mails/${name}/source">${name}</a>, ${content.length} bytes</dd>
</dl>
${mail.html ? html`<h2>HTML</h2><iframe src="/mails/${name}/body" title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>` : html``}
${mail.text ? html`<h2>Text</h2><pre dir="auto">${mail.text}</pre>` : html``}
${attachments.length > 0 ? html`<h2>Attachments</h2><ul>${attachments.map(attachmentLine)}</ul>` : html``}`,
  );
}

/** The mail's HTML as it is: only for an answer that the browser keeps in a sandbox. */
export async function mailBody(content: Buffer): Promise<string> {
  return (await parseMail(content)).html || '';
}

function attachmentLine({
  filename,
  contentType,
  size,
}: {
  filename?: string;
  contentType: string;
  size: number;
}): Html {
  return html`<li>${filename ?? 'without a name'} (${contentType}, ${size} bytes)</li>`;
}
