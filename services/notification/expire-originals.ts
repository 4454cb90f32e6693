/** Removes originals some days after their upload has settled. The usher does it, who is there also while nothing is rendered. */
import { expiredOriginals, noteOriginalGone } from '../../shared/ledger/originals.ts';
import { readUpload } from '../../shared/ledger/read.ts';
import type { Desk } from './desk.ts';

const AT_ONCE = 100;

/** Safe to repeat and to run twice at once. @throws StorageError, Redis's errors; the rest is left for the next time. */
export async function expireOriginals(desk: Pick<Desk, 'ledger' | 'storage' | 'log'>): Promise<void> {
  const { ledger, storage, log } = desk;
  for (;;) {
    const expired = await expiredOriginals(ledger, AT_ONCE);
    for (const id of expired) {
      const upload = await readUpload(ledger, id);
      if (upload) {
        await storage.remove(upload.original);
        log.info({ upload: id, batch: upload.batch, key: upload.original }, 'the original has expired');
      }
      await noteOriginalGone(ledger, id);
    }
    if (expired.length < AT_ONCE) return;
  }
}
