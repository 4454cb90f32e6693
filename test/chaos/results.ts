/** What was made of a file, by the bytes that are stored: ffprobe and hashes, not what the manifest says of them. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { z } from 'zod';
import type { UploadView } from '../../services/upload/views.ts';
import type { Kind, StoredVariant } from '../../shared/manifest.ts';
import { publishedManifest } from '../../shared/published-manifest.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { lookAt } from '../support/video.ts';

/** What must be the same in any run. */
export interface Result {
  readonly state: string;
  readonly reason?: string | undefined;
  readonly warning?: string | undefined;
  /** `720p.mp4 1280×720 h264 aac 2.0 s`, or a hash of what is no film and no sound, as far as that is the same each time; sorted. */
  readonly variants: readonly string[];
  /** Where the manifest says something else than the bytes. */
  readonly untrue: readonly string[];
}

export async function readResults(
  storage: Storage,
  uploads: readonly UploadView[],
): Promise<ReadonlyMap<string, Result>> {
  await using scratch = await temporaryDirectory();
  const results = new Map<string, Result>();
  for (const upload of uploads) {
    const manifest = await publishedManifest(storage, upload);
    const untrue: string[] = [];
    const variants: string[] = [];
    for (const variant of manifest?.variants ?? []) {
      const bytes = await buffer(await storage.read(variant.key));
      if (bytes.length !== variant.bytes)
        untrue.push(`${variant.file} has ${bytes.length} bytes, not ${variant.bytes}`);
      if (/^(video|audio)\//.test(variant.contentType)) {
        const media = await probe(scratch.path, bytes);
        variants.push(`${variant.file} ${inWords(media)}`);
        untrue.push(...differences(variant, media));
      } else variants.push(`${variant.file} ${await inShape(manifest?.kind, variant, bytes)}`);
    }
    const { state, reason, warning } = upload;
    results.set(upload.id, { state, reason, warning, variants: variants.sort(), untrue });
  }
  return results;
}

/**
 * What is made of a picture is the same to the bit. x264 is not, where its bits are capped and it has several threads, and
 * neither is what is made of its rungs: there it is the size of a picture, and the words of a text without its numbers.
 */
async function inShape(kind: Kind | undefined, { contentType }: StoredVariant, bytes: Buffer): Promise<string> {
  const hash = (content: Buffer | string) => createHash('sha256').update(content).digest('hex').slice(0, 16);
  if (kind === 'image') return hash(bytes);
  if (!contentType.startsWith('image/')) return hash(bytes.toString('utf8').replaceAll(/\d+/g, '#'));
  const { width, height } = await sharp(bytes).metadata();
  return `${width}×${height}`;
}

export interface Media {
  readonly codecs: readonly string[];
  /** px; undefined for sound alone. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly seconds: number;
}

const probed = z.object({
  streams: z.array(z.object({ codec_name: z.string(), width: z.int().optional(), height: z.int().optional() })),
  format: z.object({ duration: z.coerce.number() }),
});

async function probe(directory: string, bytes: Buffer): Promise<Media> {
  await writeFile(join(directory, 'variant'), bytes);
  const { streams, format } = probed.parse(await lookAt(directory, 'variant'));
  await rm(join(directory, 'variant'));
  const picture = streams.find(({ width }) => width !== undefined);
  return {
    codecs: streams.map(({ codec_name }) => codec_name).sort(),
    width: picture?.width,
    height: picture?.height,
    seconds: format.duration,
  };
}

function inWords({ codecs, width, height, seconds }: Media): string {
  const size = width === undefined ? [] : [`${width}×${height}`];
  return [...size, ...codecs, `${seconds.toFixed(1)} s`].join(' ');
}

/** Of what the manifest says: exactly, but durations to a tenth of a second. */
export function differences(variant: StoredVariant, { width, height, seconds }: Media): string[] {
  const { file, durationSeconds = Number.NaN } = variant;
  const wrong: string[] = [];
  if (variant.width !== width || variant.height !== height) {
    wrong.push(`${file} is ${width}×${height}, not ${variant.width}×${variant.height}`);
  }
  if (!(Math.abs(durationSeconds - seconds) < 0.1)) wrong.push(`${file} lasts ${seconds} s, not ${durationSeconds} s`);
  return wrong;
}
