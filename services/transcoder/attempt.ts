/** One attempt at an upload: fetch ▸ probe, plan, render, verify ▸ publish. */
import { noteAttempt, noteAttemptOver } from '../../shared/ledger/attempts.ts';
import { countUp } from '../../shared/ledger/counters.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { UploadEntry } from '../../shared/ledger/read.ts';
import type { Turn } from '../../shared/ledger/start.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Manifest } from '../../shared/manifest.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import type { Booth } from './booth.ts';
import { fetchOriginal } from './fetch-original.ts';
import { renderImage } from './image/render-image.ts';
import { orAborted } from './or-aborted.ts';
import { outlasting } from './outlast.ts';
import { paceProgress } from './pace-progress.ts';
import { publish } from './publish.ts';
import type { Rendering } from './rendering.ts';
import { makeScratch } from './scratch.ts';
import { renderVideo } from './video/render-video.ts';

export interface Attempt {
  readonly turn: Turn;
  /** From 1. */
  readonly number: number;
  /** Aborted when the house stops or the slot is lost. */
  readonly signal: AbortSignal;
  /** Whether what can be rendered of a damaged file is enough. */
  readonly lenient: boolean;
  readonly log: Logger;
}

/**
 * What is published already is not rendered again.
 * @throws FileFault, ToolFailed, StorageError, the system's errors (next-step.ts says what each means); the signal's
 *   reason when aborted.
 */
export async function attempt(booth: Booth, upload: UploadEntry, run: Attempt): Promise<Manifest> {
  const { signal, turn, log } = run;
  const { storage } = booth;
  const outlast = outlasting(booth, turn, signal, log);
  const published = await outlast(() => orAborted(publishedManifest(storage, upload), signal));
  if (published) return published;

  await using scratch = await outlast(() => makeScratch(booth.config, upload.id));
  log.info(
    { name: upload.name, bytes: upload.bytes, contentType: upload.contentType, attempt: run.number },
    'rendering',
  );
  const original = { key: upload.original, bytes: upload.bytes };
  await outlast(() => fetchOriginal(storage, original, scratch.source, signal));
  const renderer = upload.contentType.startsWith('image/') ? renderImage : renderVideo;
  const begun = performance.now();
  const rendering = await renderer({
    source: scratch.source,
    contentType: upload.contentType,
    directory: scratch.outputs,
    lenient: run.lenient,
    settings: { ...booth.config.render, sandbox: booth.sandbox },
    signal,
    onProgress: paceProgress(booth.ledger, turn, log),
    log,
  });
  const renderMs = performance.now() - begun;
  await countRender(booth.ledger, rendering, renderMs).catch((error) => log.warn({ err: error }, 'was not counted'));
  const name = `${run.number}-${turn.run}`;
  await outlast(() => noteAttempt(booth.ledger, { upload: upload.id, name }));
  const manifest = await publish(storage, upload, rendering, { name, directory: scratch.outputs, signal, outlast });
  await outlast(() => noteAttemptOver(booth.ledger, { upload: upload.id, name }));
  return manifest;
}

async function countRender(ledger: Ledger, { kind, variants }: Rendering, renderMs: number): Promise<void> {
  const mediaSeconds = Math.max(0, ...variants.map(({ durationSeconds = 0 }) => durationSeconds));
  await countUp(ledger, `render-ms:${kind}`, Math.round(renderMs));
  await countUp(ledger, `media-ms:${kind}`, Math.round(1000 * mediaSeconds));
}
