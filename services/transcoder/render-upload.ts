/** The walk of one job: start ▸ fetch ▸ probe, plan, render, verify ▸ publish ▸ settle. */
import { FileFault, StorageError } from '../../shared/errors.ts';
import { readUpload, type UploadEntry } from '../../shared/ledger/read.ts';
import { type Outcome, settleUpload } from '../../shared/ledger/settle.ts';
import { startUpload } from '../../shared/ledger/start.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { announceFinished } from '../../shared/queues.ts';
import { writeFailedRecord } from '../../shared/records.ts';
import type { Booth } from './booth.ts';
import { fetchOriginal } from './fetch-original.ts';
import { renderImage } from './image/render-image.ts';
import { paceProgress } from './pace-progress.ts';
import { publish, publishedManifest } from './publish.ts';
import { makeScratch } from './scratch.ts';
import { renderVideo } from './video/render-video.ts';

export interface RenderRun {
  /** From 1; a render that was killed or stopped is run again under its own number. */
  readonly attempt: number;
  /** Aborted when the house stops. */
  readonly signal: AbortSignal;
}

/**
 * Renders one upload and settles it. Safe to run again at any point: what is settled stays settled, what is published
 * is not rendered twice.
 * @throws the signal's reason when aborted, and then the upload is not settled.
 */
export async function renderUpload(
  booth: Booth,
  ids: { readonly batch: string; readonly upload: string },
  run: RenderRun,
): Promise<void> {
  const log = booth.log.child(ids);
  const started = await startUpload(booth.ledger, ids.upload, run.attempt);
  const upload = await readUpload(booth.ledger, ids.upload);
  if (started === 'unknown' || !upload) {
    // Its registration was refused after the enqueue: nobody waits for it.
    log.info('the ledger does not know this upload, nothing to do');
    return;
  }
  // A settled upload takes its outcome again, which changes nothing but finds out whether the batch's mail is due.
  const outcome = started === 'settled' ? settledOutcome(upload) : await outcomeOf(booth, upload, run, log);
  const settling = await settleUpload(booth.ledger, upload, outcome, booth.config);
  if (settling === 'finished') await announceFinished(booth.notification, upload.batch);
}

async function outcomeOf(booth: Booth, upload: UploadEntry, run: RenderRun, log: Logger): Promise<Outcome> {
  try {
    const { kind, variants, warning } =
      (await publishedManifest(booth.storage, upload)) ?? (await render(booth, upload, run, log));
    log.info({ variants: variants.length }, 'ready');
    return { state: 'ready', kind, variants, warning };
  } catch (error) {
    run.signal.throwIfAborted();
    const reason = reasonOf(error);
    log.error({ err: error, reason }, 'failed');
    await writeFailedRecord(booth.storage, { batch: upload.batch, upload: upload.id, reason }).catch((recordError) =>
      log.error({ err: recordError }, 'the failure could not be recorded'),
    );
    return { state: 'failed', reason };
  }
}

async function render(booth: Booth, upload: UploadEntry, { signal }: RenderRun, log: Logger): Promise<Manifest> {
  await using scratch = await makeScratch(booth.config, upload.id);
  log.info({ name: upload.name, bytes: upload.bytes, contentType: upload.contentType }, 'rendering');
  await fetchOriginal(booth.storage, { key: upload.original, bytes: upload.bytes }, scratch.source, signal);
  const renderer = upload.contentType.startsWith('image/') ? renderImage : renderVideo;
  const rendering = await renderer({
    source: scratch.source,
    contentType: upload.contentType,
    directory: scratch.outputs,
    lenient: false,
    signal,
    onProgress: paceProgress(booth.ledger, upload.id, log),
    log,
  });
  // Awaited here: the scratch space is removed when this function ends.
  return await publish(booth.storage, upload, rendering, scratch.outputs, signal);
}

function settledOutcome({ state, kind, variants, warning, reason }: UploadEntry): Outcome {
  return state === 'failed' ? { state, reason: reason ?? '' } : { state: 'ready', kind, variants, warning };
}

/** What the instructor reads. */
function reasonOf(error: unknown): string {
  if (error instanceof FileFault) return error.message;
  if (error instanceof StorageError) {
    return 'The file could not be moved to or from our storage. Nothing is wrong with it: please send it again later.';
  }
  return 'Something went wrong on our side while the file was rendered. Please send it again, or tell the operator.';
}
