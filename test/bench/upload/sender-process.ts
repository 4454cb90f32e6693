/** The client, as a process of its own: sends the file in the way it is told, and tells how long that took. */
import { createReadStream } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../../shared/config.ts';
import type { DirectSending, HttpSending, Sending, Sent } from './sender.ts';

const { storage } = readConfig(process.env);
if (storage.driver !== 's3') throw new Error('the bench measures S3');
const { endpoint = '', region, bucket, accessKeyId, secretAccessKey } = storage;
const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });

process.on('message', async (sending: Sending) => {
  const began = performance.now();
  const failure = await (sending.how === 'direct' ? putObject(sending) : send(sending)).catch((error) => String(error));
  const sent: Sent = { seconds: (performance.now() - began) / 1000, ...(failure !== undefined && { failure }) };
  process.send?.(sent);
});

async function putObject({ file, bytes, key }: DirectSending): Promise<undefined> {
  const body = createReadStream(file);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: bytes }));
}

async function send({ file, method, url, headers, before, after }: HttpSending): Promise<string | undefined> {
  const request = httpRequest(url, { method, headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  if (before !== '') request.write(before);
  const [response] = await Promise.all([
    answered,
    pipeline(createReadStream(file), request, { end: false }).then(() => request.end(after)),
  ]);
  const said = await text(response);
  return response.statusCode === 201 ? undefined : `${response.statusCode} ${said}`;
}
