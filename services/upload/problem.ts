/** Errors as problem+json (RFC 9457): the one place where an error becomes an answer. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal, StorageError } from '../../shared/errors.ts';
import { redisTrouble } from '../../shared/redis-trouble.ts';

export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    /** What is wrong and what to do about it. */
    detail: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

export function answerProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, detail, retryAfterSeconds } = describe(error);
  if (status >= 500) request.log.error({ err: error }, `${request.method} ${request.url}: ${error.message}`);
  else request.log.info({ status, detail }, 'refused');
  const retryAfter = retryAfterSeconds ?? RETRY_AFTER_SECONDS[status];
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  sendProblem(reply, status, detail);
}

/**
 * What does not even become a request (malformed HTTP, a header that is too long or too slow) is answered on the bare
 * socket, which is closed then.
 */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable) {
    const status = brokenRequestStatus[error.code ?? ''] ?? 400;
    const body = JSON.stringify(problemOf(status, `This is not a request that can be read: ${error.message}.`));
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

const brokenRequestStatus: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

export function sendProblem(reply: FastifyReply, status: number, detail: string): void {
  reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(problemOf(status, detail));
}

const problemOf = (status: number, detail: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
});

interface Described {
  readonly status: number;
  readonly detail: string;
  readonly retryAfterSeconds?: number | undefined;
}

/** What is away may be back soon; what is full needs somebody to make room. */
const RETRY_AFTER_SECONDS: Readonly<Record<number, number>> = { 503: 5, 507: 60 };

/** What a client is told of an error: its own mistakes in full, ours in general. */
export function describe(error: Error & { statusCode?: number; code?: string }): Described {
  if (error instanceof Refusal) {
    const { status, message, retryAfterSeconds } = error;
    return { status, detail: message, retryAfterSeconds };
  }
  if (error instanceof StorageError) return storageProblem(error);
  switch (redisTrouble(error)) {
    case 'away':
      return { status: 503, detail: 'The queue cannot be reached just now. Try again in a moment.' };
    case 'no-memory':
      return { status: 503, detail: 'The queue has no memory left. Tell the operator, and try again later.' };
    case undefined:
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return { status: 415, detail: 'Send the body as application/json or multipart/form-data.' };
  }
  if (error.statusCode !== undefined && error.statusCode < 500)
    return { status: error.statusCode, detail: error.message };
  return { status: 500, detail: 'Something went wrong on our side. Try again; if it stays, tell the operator.' };
}

function storageProblem({ trouble }: StorageError): Described {
  switch (trouble) {
    case 'no-space':
      return { status: 507, detail: 'The storage is full. Tell the operator, and try again later.' };
    case 'away':
      return { status: 503, detail: 'The storage cannot be reached just now. Try again in a moment.' };
    case 'not-found':
      return { status: 404, detail: 'There is no such file.' };
    case 'refused':
      return { status: 500, detail: 'The storage refused the request. Tell the operator.' };
  }
}
