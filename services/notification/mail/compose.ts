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
  | { readonly state: 'failed'; readonly name: string; readonly reason: string };

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
  /** The same for the same batch, however often it is composed, so that a repeat can be told. With angle brackets. */
  readonly messageId: string;
}

/** Long enough for any title that was meant to be read; the mail itself shows it whole. */
const SUBJECT_TITLE_LENGTH = 120;

export function compose(finished: FinishedBatch, { from, replyTo, publicUrl }: Sender): Mail {
  const batch = {
    ...finished,
    title: oneLine(finished.title) || 'Your files',
    files: finished.files.map(cleaned),
  };
  const summary = summarise(batch.files);
  return {
    to: batch.instructor,
    from,
    ...(replyTo !== undefined && { replyTo }),
    subject: `${summary}: ${shortened(batch.title, SUBJECT_TITLE_LENGTH)}`,
    text: textPart(batch, summary),
    html: htmlPart(batch, summary).toString(),
    messageId: `<batch-${batch.batch}@${new URL(publicUrl).hostname}>`,
  };
}

/** `3 files ready, 1 failed` */
function summarise(files: readonly SettledFile[]): string {
  const ready = files.filter((file) => file.state === 'ready').length;
  const failed = files.length - ready;
  const counted = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;
  if (failed === 0) return `${counted(ready)} ready`;
  return ready === 0 ? `${counted(failed)} failed` : `${counted(ready)} ready, ${failed} failed`;
}

function cleaned(file: SettledFile): SettledFile {
  const name = oneLine(file.name) || 'a file without a name';
  if (file.state === 'failed') return { ...file, name, reason: oneLine(file.reason) };
  return { ...file, name, ...(file.warning !== undefined && { warning: oneLine(file.warning) }) };
}
