/** A MinIO server of the bench's own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../../infra/local/free-port.ts';
import { leashed } from '../../../shared/leash.ts';
import { eventually } from '../../support/eventually.ts';

const UP_WITHIN_MS = 30_000;

export async function startMinio(directory: string, accessKeyId: string, secretAccessKey: string) {
  const file = process.env['MINIO'] ?? 'minio';
  const address = `127.0.0.1:${await freePort()}`;
  const console_ = `127.0.0.1:${await freePort()}`;
  const child = spawn(...leashed(file, ['server', directory, '--address', address, '--console-address', console_]), {
    env: { PATH: process.env['PATH'], MINIO_ROOT_USER: accessKeyId, MINIO_ROOT_PASSWORD: secretAccessKey },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  const url = `http://${address}`;
  await eventually(
    async () => {
      const { ok } = await fetch(`${url}/minio/health/live`);
      if (!ok) throw new Error('MinIO is not up');
    },
    { within: UP_WITHIN_MS },
  );
  const { pid } = child;
  if (pid === undefined) throw new Error('minio has no pid');
  return {
    url,
    pid,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
