/** How the client is to send the file, by way. */
import { randomUUID } from 'node:crypto';
import { Client } from '../../support/client.ts';
import type { Input } from './input.ts';
import type { HttpSending, Sending } from './sender.ts';
import type { Way } from './ways.ts';

const FILE_NAME = 'lecture.mp4';

/** Opens a batch for it, where it needs one. @param url of the upload service. */
export async function sendingBy(way: Way, url: string, { path: file, bytes }: Input): Promise<Sending> {
  if (way === 'direct') return { how: 'direct', file, bytes, key: `originals/direct/${randomUUID()}/${FILE_NAME}` };
  const { body: batch } = await new Client(url).openBatch({ instructor: 'ada@example.org' });
  const uploads = `${url}/v1/batches/${batch.id}/uploads`;
  const put = { how: 'http', file, method: 'PUT', url: `${uploads}/${FILE_NAME}`, before: '', after: '' } as const;
  switch (way) {
    case 'raw':
      return { ...put, headers: { 'content-length': bytes } };
    case 'chunked':
      return { ...put, headers: { 'transfer-encoding': 'chunked' } };
    case 'multipart':
      return { ...put, ...form(bytes), method: 'POST', url: uploads };
  }
}

/** A form of one file, as browsers and curl send it. */
function form(bytes: number): Pick<HttpSending, 'headers' | 'before' | 'after'> {
  const boundary = `----${randomUUID()}`;
  const disposition = `content-disposition: form-data; name="file"; filename="${FILE_NAME}"`;
  const before = `--${boundary}\r\n${disposition}\r\ncontent-type: video/mp4\r\n\r\n`;
  const after = `\r\n--${boundary}--\r\n`;
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': before.length + bytes + after.length,
  };
  return { headers, before, after };
}
