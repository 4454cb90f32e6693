/** Law 2 and law 3, as the API shows them. */
import type { UploadView } from '../../services/upload/views.ts';

/** Violations among uploads in upload order: each starts after the one before it has settled. */
export function outOfOrder(uploads: readonly UploadView[]): string[] {
  return uploads.flatMap(({ name, settledAt = 'never' }, index) => {
    const next = uploads[index + 1];
    if (!next || settledAt <= (next.startedAt ?? 'never')) return [];
    return [`${next.name} started at ${next.startedAt}, ${name} settled at ${settledAt}`];
  });
}
