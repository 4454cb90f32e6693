/** GET and HEAD /v1/media/:upload/:file: a published variant, with ranges; handed on, or by redirect to the S3 server. */
import { create as contentDisposition } from 'content-disposition';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../../shared/errors.ts';
import { readUpload } from '../../../shared/ledger/read.ts';
import type { StoredVariant } from '../../../shared/manifest.ts';
import { wantedRange } from '../byte-range.ts';
import type { Door, Route } from '../door.ts';
import { problem } from '../problem.ts';

/** What is published under an address does not change; a day bounds how long a removed file lives on in caches. */
const CACHE_CONTROL = 'private, max-age=86400';

/** A signed URL outlives a long lecture, paused for lunch; a redirect is asked for again long before it ends. */
const SIGNED_FOR_S = 6 * 3600;
const REDIRECT_CACHE_CONTROL = 'private, max-age=3600';

export const media: Route = (door) => async (server) => {
  server.route({
    method: 'OPTIONS',
    url: '/v1/media/:upload/:file',
    schema: { hide: true },
    config: { embeddable: true },
    // The question that browsers ask before a script reads a range, unless they count that as harmless.
    handler: (_request, reply) =>
      reply
        .code(204)
        .headers({
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'GET, HEAD',
          'access-control-allow-headers': 'range, if-range',
          'access-control-max-age': '86400',
        })
        .send(),
  });
  server.route({
    method: ['GET', 'HEAD'],
    url: '/v1/media/:upload/:file',
    schema: {
      summary: 'A variant',
      description: 'Supports one byte range, If-Range and If-None-Match. With MEDIA_DELIVERY=redirect GET answers 302.',
      tags: ['media'],
      params: z.object({ upload: z.string(), file: z.string() }),
      response: {
        302: z.null().meta({ description: 'To a signed URL of the S3 server' }),
        '4xx': problem,
        '5xx': problem,
      },
    },
    config: { embeddable: true },
    handler: async (request, reply) => {
      const { upload: id, file } = request.params;
      const upload = await readUpload(door.ledger, id);
      const variant = upload?.variants.find((one) => one.file === file);
      if (!upload || !variant) throw new Refusal(404, `There is no file ${file} of an upload ${id}.`);
      const disposition = contentDisposition(downloadName(upload.name, variant.file), { type: 'inline' });
      // Any page may embed media, and hls.js reads them by script, in ranges.
      reply.headers({
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'content-range, content-length',
      });
      // A signature holds for one method, and HEAD needs nothing of the store. What names its neighbours has to stay beside them.
      if (door.config.mediaDelivery === 'redirect' && request.method === 'GET' && !namesOthers(variant)) {
        const url = await door.storage.signedUrl(variant.key, SIGNED_FOR_S, disposition);
        if (url !== undefined) return reply.header('cache-control', REDIRECT_CACHE_CONTROL).redirect(url, 302);
      }
      reply.header('content-disposition', disposition);
      return send(door, request, reply, variant);
    },
  });
};

const namesOthers = ({ contentType }: StoredVariant) =>
  contentType === 'application/vnd.apple.mpegurl' || contentType === 'text/vtt';

async function send(door: Door, request: FastifyRequest, reply: FastifyReply, variant: StoredVariant) {
  const etag = entityTag(variant);
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': CACHE_CONTROL,
    'x-content-type-options': 'nosniff',
  });
  const { 'if-none-match': ifNoneMatch, 'if-range': ifRange, range: rangeHeader } = request.headers;
  if (ifNoneMatch?.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)) {
    return reply.code(304).send();
  }

  const wanted = wantedRange(ifRange === undefined || ifRange === etag ? rangeHeader : undefined, variant.bytes);
  if (wanted.kind === 'unsatisfiable') {
    reply.header('content-range', `bytes */${variant.bytes}`);
    throw new Refusal(416, `The range lies outside of the file, which has ${variant.bytes} bytes.`);
  }
  const range = wanted.kind === 'part' ? wanted.range : undefined;
  reply.type(variant.contentType).header('content-length', range ? range.end - range.start + 1 : variant.bytes);
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${variant.bytes}`);
  if (request.method === 'HEAD') return reply.send();
  return reply.send(await door.storage.read(variant.key, range));
}

/** An object never changes under its key, so the key with the length names the content. */
const entityTag = ({ key, bytes }: StoredVariant) => `"${Buffer.from(`${key}:${bytes}`).toString('base64url')}"`;

/** `Lecture 1.mov` as `720p.mp4` is saved as `Lecture 1-720p.mp4`. */
const downloadName = (original: string, file: string) => `${original.replace(/\.[^.]{1,8}$/, '')}-${file}`;
