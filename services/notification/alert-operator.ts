/** Telling the operator what has failed: one mail about all of it, before any batch's mail. */
import { type AlertClaim, claimAlerts, noteAlerted, readHealthReasons } from '../../shared/ledger/alerts.ts';
import { type DeadLetter, readDeadLetter } from '../../shared/ledger/dead-letters.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { readTitle, readUpload } from '../../shared/ledger/read.ts';
import type { Logger } from '../../shared/logger.ts';
import { deliver, Undelivered } from './deliver.ts';
import type { Desk, Turn } from './desk.ts';
import { type AlertedFailure, type Alerts, composeAlert, type HealthChange } from './mail/compose-alert.ts';
import { noteSent } from './note-sent.ts';

type News = Pick<Alerts, 'failures' | 'changes' | 'reasons'>;

/** Without OPERATOR_EMAIL, and when that address is refused, the log is told instead. @throws Undelivered. */
export async function alertOperator(desk: Desk, turn: Turn): Promise<void> {
  const { ledger, config } = desk;
  const claim = await claimAlerts(ledger);
  if (!claim) return;
  const news = await gather(ledger, claim);
  const nothing = news.failures.length === 0 && news.changes.length === 0;
  const to = nothing ? undefined : config.operatorEmail;
  if (to === undefined) {
    tellLog(news, turn.log);
    return noteAlerted(ledger, claim.id, 'dropped');
  }
  const mail = composeAlert({ to, claim: claim.id, ...news }, { from: config.mailFrom, publicUrl: config.publicUrl });
  try {
    await deliver(desk, mail, turn);
  } catch (error) {
    if (!(error instanceof Undelivered) || error.failure.outcome !== 'refused') throw error;
    turn.log.error({ to, err: error }, 'OPERATOR_EMAIL is refused by the SMTP server; here is what it would have said');
    tellLog(news, turn.log);
    return noteAlerted(ledger, claim.id, 'dropped');
  }
  await noteSent(() => noteAlerted(ledger, claim.id, 'sent'), turn);
}

/** What was replayed or dropped since it was claimed is no news any more. */
async function gather(ledger: Ledger, { members }: AlertClaim): Promise<News> {
  const failures: AlertedFailure[] = [];
  const changes: HealthChange[] = [];
  for (const member of members) {
    const [kind, from = '', to = ''] = member.split(':');
    if (kind === 'health') changes.push({ from, to });
    else {
      const letter = await readDeadLetter(ledger, member);
      if (letter?.state === 'discarded') failures.push(await failureOf(ledger, letter));
    }
  }
  return { failures, changes, reasons: await readHealthReasons(ledger) };
}

async function failureOf(ledger: Ledger, letter: DeadLetter): Promise<AlertedFailure> {
  const { kind, id, batch, upload, reason, attempts } = letter;
  const about = letter.kind === 'mail' ? letter.to : ((await readUpload(ledger, letter.upload))?.name ?? '');
  const toolOutput = letter.kind === 'mail' ? '' : letter.toolOutput;
  return { kind, id, about, batch, batchTitle: await readTitle(ledger, batch), upload, reason, attempts, toolOutput };
}

function tellLog({ failures, changes, reasons }: News, log: Logger): void {
  for (const { id, kind, batch, upload, reason, attempts } of failures) {
    log.error({ deadLetter: id, batch, upload, reason, attempts }, `alert: a ${kind} failed for good`);
  }
  for (const { from, to } of changes) log.error({ from, to, reasons }, `alert: the house was ${from}, it is ${to} now`);
}
