/** The demo as a client of the upload service: only what anyone could ask over HTTP. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { CannotGoOn } from '../cannot-go-on.ts';
import { type BatchView, batchView, problemView, type UploadView, uploadView } from './views.ts';

export type Answer =
  | { readonly outcome: 'accepted'; readonly upload: UploadView }
  | { readonly outcome: 'refused'; readonly reason: string };

/** It does not answer, or only that it cannot just now: while it is started again, for one. */
export class ServiceAway extends CannotGoOn {}

/** A connection to the upload service at `url`. Every method throws the signal's reason when that is aborted. */
export function openApi(url: string, signal: AbortSignal) {
  const ask = async (method: string, path: string, body?: object): Promise<BatchView> => {
    const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(new URL(path, url), { method, signal, ...init })
      .then(async (response) => ({ status: response.status, said: await response.text() }))
      .catch((error: Error) => {
        signal.throwIfAborted();
        throw new ServiceAway(`${method} ${path}: ${error.message}`, { cause: error });
      });
    const { status, said } = answer;
    if (status >= 400) {
      const Trouble = status >= 500 ? ServiceAway : CannotGoOn;
      throw new Trouble(`${method} ${path} was answered with ${status}: ${detailOf(said)}`);
    }
    return batchView.parse(JSON.parse(said));
  };

  return {
    openBatch: (about: { instructor: string; title: string }) => ask('POST', '/v1/batches', about),
    readBatch: (batch: string) => ask('GET', `/v1/batches/${batch}`),
    sealBatch: (batch: string) => ask('POST', `/v1/batches/${batch}/seal`),

    /** Sends one file as a raw body, without holding more of it than a few chunks. */
    async putFile(batch: string, file: string, name: string, onPercent: (percent: number) => void): Promise<Answer> {
      const { size } = await stat(file);
      const request = httpRequest(new URL(`/v1/batches/${batch}/uploads/${encodeURIComponent(name)}`, url), {
        method: 'PUT',
        headers: { 'content-length': size },
        signal,
      });
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        request.on('error', reject);
      });
      const sending = pipeline(createReadStream(file), counting(size, onPercent), request);
      // A refusal may come before the end of the file and close the connection: the answer counts, not the broken pipe.
      sending.catch(() => {});
      const response = await answered.catch((error: Error) => {
        signal.throwIfAborted();
        throw new CannotGoOn(`${name} could not be sent: ${error.message}`, { cause: error });
      });
      const said = await text(response);
      request.destroy();
      const status = response.statusCode ?? 0;
      if (status === 201) return { outcome: 'accepted', upload: uploadView.parse(JSON.parse(said)) };
      if (status < 500) return { outcome: 'refused', reason: detailOf(said) };
      throw new CannotGoOn(`${name} could not be stored: ${status}, ${detailOf(said)}`);
    },
  };
}
export type Api = ReturnType<typeof openApi>;

/** Passes chunks on and counts them; with back-pressure, what was passed on is what the server has taken. */
function counting(total: number, onPercent: (percent: number) => void) {
  return async function* (chunks: AsyncIterable<Buffer>) {
    let sent = 0;
    for await (const chunk of chunks) {
      yield chunk;
      sent += chunk.length;
      onPercent(Math.floor((sent / total) * 100));
    }
  };
}

function detailOf(body: string): string {
  try {
    return problemView.parse(JSON.parse(body)).detail;
  } catch {
    return body.slice(0, 200);
  }
}
