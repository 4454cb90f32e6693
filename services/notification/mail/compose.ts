/** The mail an instructor gets when a batch has finished: what became of each file, in upload order. Pure. */
import { htmlPart } from './html-part.ts';
import { oneLine, shortened } from './one-line.ts';
import { textPart } from './text-part.ts';

export interface FinishedBatch {
  readonly batch: string;
  /** Empty when the instructor gave none. */
  readonly title: string;
  /** Address of the instructor. */
  readonly instructor: string;
  /** In upload order. */
  readonly files: readonly SettledFile[];
}

/** Names are what the instructor's machine sent: any characters, any length. */
export type SettledFile =
  | {
      readonly state: 'ready';
      readonly name: string;
      /** What was dropped or repaired. */
      readonly warning?: string;
      /** In the order in which they are shown. */
      readonly links: readonly { readonly label: string; readonly url: string }[];
      /** Absolute URL of a small picture of it; mail clients may not load it. */
      readonly thumbnail?: string;
    }
  | { readonly state: 'failed'; readonly name: string; readonly reason: string }
  /** Replayed before this mail could be sent. */
  | { readonly state: 'again'; readonly name: string };

export interface Sender {
  /** `MAIL_FROM`: an address, with or without a display name. */
  readonly from: string;
  readonly replyTo?: string;
  /** Its host is the right side of the Message-ID. */
  readonly publicUrl: string;
}

export interface Mail {
  readonly to: string;
  readonly from: string;
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The same for a mail about the same, however often it is composed, so that a repeat can be told. With angle brackets. */
  readonly messageId: string;
}

/** Long enough for any title that was meant to be read; the mail itself shows it whole. */
const SUBJECT_TITLE_LENGTH = 120;

export function compose(finished: FinishedBatch, sender: Sender): Mail {
  const batch = cleanedBatch(finished);
  const summary = summarise(batch.files);
  return {
    ...envelope(batch.instructor, `batch-${batch.batch}`, sender),
    subject: `${summary}: ${shortened(batch.title, SUBJECT_TITLE_LENGTH)}`,
    text: textPart(batch, summary),
    html: htmlPart(batch, summary).toString(),
  };
}

/** @param id left side of the Message-ID: what the mail is about. */
export function envelope(to: string, id: string, { from, replyTo, publicUrl }: Sender) {
  const messageId = `<${id}@${new URL(publicUrl).hostname}>`;
  return { to, from, ...(replyTo !== undefined && { replyTo }), messageId };
}

/** Its texts made fit for a mail. */
export function cleanedBatch(batch: FinishedBatch): FinishedBatch {
  return { ...batch, title: oneLine(batch.title) || 'Your files', files: batch.files.map(cleaned) };
}

/** `3 files ready, 1 failed` */
function summarise(files: readonly SettledFile[]): string {
  const count = (state: SettledFile['state']) => files.filter((file) => file.state === state).length;
  const counts: [number, string][] = [
    [count('ready'), 'ready'],
    [count('failed'), 'failed'],
    [count('again'), 'being tried again'],
  ];
  const [first, ...others] = counts.filter(([count]) => count > 0);
  const [number, what] = first ?? [0, 'ready'];
  const noun = number === 1 ? 'file' : 'files';
  return [`${number} ${noun} ${what}`, ...others.map(([count, what]) => `${count} ${what}`)].join(', ');
}

function cleaned(file: SettledFile): SettledFile {
  const name = oneLine(file.name) || 'a file without a name';
  if (file.state === 'again') return { ...file, name };
  if (file.state === 'failed') return { ...file, name, reason: oneLine(file.reason) };
  return { ...file, name, ...(file.warning !== undefined && { warning: oneLine(file.warning) }) };
}
