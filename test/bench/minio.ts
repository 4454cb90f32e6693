/** A MinIO of the bench's own: found, or built once, as for `npm start -- --minio`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CannotInstall } from '../../infra/install/cannot-install.mjs';
import { installMinio } from '../../infra/install/minio.mjs';
import { CannotGoOn } from '../../infra/local/cannot-go-on.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { type MinioLogin, minioAnswers, minioCommand, minioEnv, minioUrl } from '../../infra/local/minio-server.ts';
import { leashed } from '../../shared/leash.ts';

const UP_WITHIN_MS = 30_000;

export interface BenchMinio extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** @param directory existing and empty. @throws CannotGoOn where there is no MinIO and none can be built. */
export async function startMinio(directory: string, login: MinioLogin): Promise<BenchMinio> {
  const place = { program: await findProgram(), directory, port: await freePort(), consolePort: await freePort() };
  const child = spawn(...leashed(...minioCommand(place)), {
    env: minioEnv(login),
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  await once(child, 'spawn');
  await using owned = new AsyncDisposableStack();
  const ended = once(child, 'exit');
  owned.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });

  const url = minioUrl(place.port);
  const died = ended.then(() => Promise.reject(new Error(`${place.program} ended at once:\n${complaints}`)));
  await Promise.race([minioAnswers(url, AbortSignal.timeout(UP_WITHIN_MS)), died]);

  const { pid } = child;
  if (pid === undefined) throw new Error('minio has no pid');
  const running = owned.move();
  return { url, pid, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function findProgram(): Promise<string> {
  try {
    return await installMinio();
  } catch (error) {
    throw error instanceof CannotInstall ? new CannotGoOn(error.message, { cause: error }) : error;
  }
}
