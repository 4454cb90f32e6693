/** Sends files as one batch, one after the other, and watches them until all are settled and the instructor is told. */
import { basename } from 'node:path';
import type { Api } from './api.ts';
import type { Board } from './board.ts';
import { follow } from './follow.ts';
import { progressOf } from './progress.ts';
import type { BatchView, UploadView } from './views.ts';

export interface SentBatch {
  readonly id: string;
  /** Settled, in upload order. */
  readonly uploads: readonly UploadView[];
  /** Files that the door did not take. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/** @throws the signal's reason when that is aborted. */
export async function sendBatch(
  api: Api,
  about: { readonly instructor: string; readonly title: string },
  files: readonly string[],
  board: Board,
  signal: AbortSignal,
): Promise<SentBatch> {
  const { id } = await api.openBatch(about);
  const refused: { name: string; reason: string }[] = [];
  const placeOnBoard = new Map<string, number>();
  const show = ({ uploads }: Pick<BatchView, 'uploads'>) => {
    for (const upload of uploads) {
      const place = placeOnBoard.get(upload.id);
      if (place !== undefined) board.update(place, progressOf(upload));
    }
  };

  const over = new AbortController();
  const following = follow(api, id, show, AbortSignal.any([signal, over.signal]));
  // Awaited once all is sent; until then its failure is nobody's.
  following.catch(() => {});
  try {
    for (const [place, file] of files.entries()) {
      const name = basename(file);
      const answer = await api.putFile(id, file, name, (percent) =>
        board.update(place, { stage: 'uploading', percent }),
      );
      if (answer.outcome === 'accepted') {
        placeOnBoard.set(answer.upload.id, place);
        show({ uploads: [answer.upload] });
      } else {
        refused.push({ name, reason: answer.reason });
        board.update(place, { stage: 'refused', reason: answer.reason });
      }
    }
    // An empty batch cannot be sealed.
    if (placeOnBoard.size === 0) return { id, uploads: [], refused };
    await api.sealBatch(id);
    return { id, uploads: (await following).uploads, refused };
  } finally {
    over.abort();
  }
}
