/** The mail that tells the operator of all that has failed since the last one. Pure. */
import { alertHtml } from './alert-html.ts';
import { alertText } from './alert-text.ts';
import { envelope, type Mail, type Sender } from './compose.ts';
import { oneLine, shortened } from './one-line.ts';

export interface Alerts {
  /** The operator's address. */
  readonly to: string;
  /** Id of the claim (shared/ledger/alerts.ts), which names the mail. */
  readonly claim: string;
  /** The oldest first. */
  readonly failures: readonly AlertedFailure[];
  readonly changes: readonly HealthChange[];
  /** Why the house is in the state it is in now. */
  readonly reasons: readonly string[];
}

export interface AlertedFailure {
  /** `render`: a file could not be rendered; `mail`: a mail could not be sent. */
  readonly kind: 'render' | 'mail';
  /** Of the dead letter. */
  readonly id: string;
  /** A file's name, or the address a mail was for. */
  readonly about: string;
  readonly batch: string;
  readonly batchTitle: string;
  readonly upload?: string | undefined;
  readonly reason: string;
  readonly attempts: number;
  /** What the tool said, all of it. */
  readonly toolOutput: string;
}

/** A change of the house's state. */
export interface HealthChange {
  readonly from: string;
  readonly to: string;
}

/** What both parts of the mail show. */
export interface AlertView {
  readonly title: string;
  readonly changes: readonly HealthChange[];
  readonly reasons: readonly string[];
  readonly shown: readonly ShownFailure[];
  /** How many more there are. */
  readonly more: number;
  readonly listUrl: string;
  readonly claim: string;
}

export interface ShownFailure {
  readonly heading: string;
  readonly batch: string;
  readonly upload: string | undefined;
  readonly reason: string;
  readonly attempts: number;
  /** The last of what the tool said. */
  readonly toolLines: readonly string[];
  readonly url: string;
}

/** More than anyone reads in a mail. */
const SHOWN = 100;
const TOOL_LINES = 5;
const TOOL_LINE_LENGTH = 300;

export function composeAlert(alerts: Alerts, sender: Sender): Mail {
  const listUrl = `${sender.publicUrl}/admin/dead-letters`;
  const view: AlertView = {
    title: title(alerts),
    changes: alerts.changes.map(({ from, to }) => ({ from: oneLine(from), to: oneLine(to) })),
    reasons: alerts.reasons.map(oneLine),
    shown: alerts.failures.slice(0, SHOWN).map((failure) => shownFailure(failure, listUrl)),
    more: Math.max(0, alerts.failures.length - SHOWN),
    listUrl,
    claim: alerts.claim,
  };
  return {
    ...envelope(alerts.to, `alert-${alerts.claim}`, sender),
    subject: view.title,
    text: alertText(view),
    html: alertHtml(view).toString(),
  };
}

/** How a failure is undone, at its address. */
export const HOW_TO_REPLAY =
  'To try one again: POST to its address with /replay at the end. To drop it: DELETE its address.';

function title({ failures, changes }: Alerts): string {
  const change = changes.at(-1);
  const renders = failures.filter(({ kind }) => kind === 'render').length;
  const mails = failures.length - renders;
  const parts = [
    change && `Projectionist is ${oneLine(change.to)}`,
    renders > 0 && `${renders} ${renders === 1 ? 'file' : 'files'} could not be rendered`,
    mails > 0 && `${mails} ${mails === 1 ? 'mail' : 'mails'} could not be sent`,
  ];
  return parts.filter((part) => part).join(', ');
}

function shownFailure(failure: AlertedFailure, listUrl: string): ShownFailure {
  const { kind, id, batch, upload, attempts } = failure;
  const about = oneLine(failure.about) || 'a file without a name';
  const batchTitle = oneLine(failure.batchTitle);
  return {
    heading: kind === 'mail' ? `The mail to ${about}` : about,
    batch: batchTitle === '' ? batch : `${batchTitle} (${batch})`,
    upload,
    reason: oneLine(failure.reason),
    attempts,
    toolLines: lastLines(failure.toolOutput),
    url: `${listUrl}/${encodeURIComponent(id)}`,
  };
}

function lastLines(output: string): string[] {
  const lines = output.split(/[\r\n]+/).map(oneLine);
  return lines
    .filter((line) => line !== '')
    .slice(-TOOL_LINES)
    .map((line) => shortened(line, TOOL_LINE_LENGTH));
}
