/** A client of the HTTP API: every answer is parsed by the schema that the OpenAPI document promises. */
import { z } from 'zod';
import { type Problem, problem } from '../../services/upload/problem.ts';
import { deadLetterList, deadLetterView } from '../../services/upload/routes/admin/dead-letters.ts';
import { healthView } from '../../services/upload/routes/admin/health.ts';
import { queueView } from '../../services/upload/routes/admin/pause.ts';
import { replayView } from '../../services/upload/routes/admin/replay.ts';
import {
  acceptedUploads,
  type BatchView,
  batchView,
  type UploadView,
  uploadView,
} from '../../services/upload/views.ts';

export type FormFile = { readonly name: string; readonly content: Buffer };

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

type Headers = Readonly<Record<string, string>>;
export type RawBody = Buffer | AsyncIterable<Buffer>;

export class Client {
  readonly #url: string;

  /** @param url without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  openBatch(fields: object, headers: Headers = {}): Promise<Answer<BatchView>> {
    return this.#send(batchView, 'POST', '/v1/batches', JSON.stringify(fields), {
      'content-type': 'application/json',
      ...headers,
    });
  }

  sendBatch(fields: Headers, files: readonly FormFile[], headers: Headers = {}): Promise<Answer<BatchView>> {
    return this.#send(batchView, 'POST', '/v1/batches', form(fields, files), headers);
  }

  addUploads(batch: string, files: readonly FormFile[], headers: Headers = {}) {
    return this.#send(acceptedUploads, 'POST', `/v1/batches/${batch}/uploads`, form({}, files), headers);
  }

  putUpload(batch: string, name: string, body: RawBody, headers: Headers = {}): Promise<Answer<UploadView>> {
    const path = `/v1/batches/${batch}/uploads/${encodeURIComponent(name)}`;
    return this.#send(uploadView, 'PUT', path, body, headers);
  }

  sealBatch(batch: string): Promise<Answer<BatchView>> {
    return this.#send(batchView, 'POST', `/v1/batches/${batch}/seal`);
  }

  readBatch(batch: string): Promise<Answer<BatchView>> {
    return this.#send(batchView, 'GET', `/v1/batches/${batch}`);
  }

  readUpload(upload: string): Promise<Answer<UploadView>> {
    return this.#send(uploadView, 'GET', `/v1/uploads/${upload}`);
  }

  deadLetters(state?: string) {
    return this.#send(deadLetterList, 'GET', `/admin/dead-letters${state === undefined ? '' : `?state=${state}`}`);
  }

  deadLetter(id: string) {
    return this.#send(deadLetterView, 'GET', `/admin/dead-letters/${id}`);
  }

  replay(id: string) {
    return this.#send(replayView, 'POST', `/admin/dead-letters/${id}/replay`);
  }

  /** @returns the status, of an answer without a body. */
  async dropDeadLetter(id: string): Promise<number> {
    return (await this.#send(z.undefined(), 'DELETE', `/admin/dead-letters/${id}`)).status;
  }

  pauseQueue() {
    return this.#send(queueView, 'POST', '/admin/queue/pause');
  }

  resumeQueue() {
    return this.#send(queueView, 'POST', '/admin/queue/resume');
  }

  houseHealth() {
    return this.#send(healthView, 'GET', '/admin/health');
  }

  /** @throws Refused, with the problem that the server answered. */
  async #send<Schema extends z.ZodType>(
    schema: Schema,
    method: string,
    path: string,
    body?: RawBody | string | FormData,
    headers: Headers = {},
  ): Promise<Answer<z.infer<Schema>>> {
    const response = await fetch(this.#url + path, {
      method,
      headers,
      ...(body !== undefined && { body: Buffer.isBuffer(body) ? new Uint8Array(body) : body, duplex: 'half' }),
    });
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    if (!response.ok) {
      if (response.headers.get('content-type') !== 'application/problem+json') throw new Error('not problem+json');
      throw new Refused(z.strictObject(problem.shape).parse(answer), response.headers);
    }
    return { status: response.status, body: schema.parse(answer) };
  }
}

/** The server said no. */
class Refused extends Error {
  readonly status: number;
  readonly detail: string;
  readonly headers: Response['headers'];

  constructor(said: Problem, headers: Response['headers']) {
    super(`${said.status} ${said.detail}`);
    this.status = said.status;
    this.detail = said.detail;
    this.headers = headers;
  }
}

function form(fields: Headers, files: readonly FormFile[]): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const { name, content } of files) data.append('file', new File([new Uint8Array(content)], name));
  return data;
}
