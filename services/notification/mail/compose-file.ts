/** The mail an instructor gets about one file that was replayed after its batch had finished. Pure. */
import { cleanedBatch, envelope, type FinishedBatch, type Mail, type Sender, type SettledFile } from './compose.ts';
import { htmlPart } from './html-part.ts';
import { shortened } from './one-line.ts';
import { textPart } from './text-part.ts';

export interface SettledAgain extends Omit<FinishedBatch, 'files'> {
  readonly upload: string;
  readonly round: number;
  readonly file: SettledFile;
}

const SUBJECT_NAME_LENGTH = 80;
const SUBJECT_TITLE_LENGTH = 60;

export function composeFile({ upload, round, file, ...about }: SettledAgain, sender: Sender): Mail {
  const batch = cleanedBatch({ ...about, files: [file] });
  const name = shortened(batch.files[0]?.name ?? '', SUBJECT_NAME_LENGTH);
  const outcome = file.state === 'ready' ? 'is ready now' : 'failed again';
  const summary = `${name} ${outcome}. It was tried again after your batch had finished`;
  return {
    ...envelope(batch.instructor, `upload-${upload}-${round}`, sender),
    subject: `${name} ${outcome}: ${shortened(batch.title, SUBJECT_TITLE_LENGTH)}`,
    text: textPart(batch, summary),
    html: htmlPart(batch, summary).toString(),
  };
}
