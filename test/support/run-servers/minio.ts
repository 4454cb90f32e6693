/** The S3 server of a run: a container where Docker answers, else a process, else none. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { GenericContainer, Wait } from 'testcontainers';
import { CannotInstall } from '../../../infra/install/cannot-install.mjs';
import { installMinio } from '../../../infra/install/minio.mjs';
import { freePort } from '../../../infra/local/free-port.ts';
import { type MinioLogin, minioAnswers, minioCommand, minioEnv, minioUrl } from '../../../infra/local/minio-server.ts';
import { leashed } from '../../../shared/leash.ts';
import { runTool, ToolFailed } from '../../../shared/run-tool.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { startContainer } from './containers.ts';
import type { RunServers } from './run-servers.ts';

/** The last image there is. Docker Hub no longer has any. */
const IMAGE = 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z';
const PORT = 9000;

/** Without one it takes any region, and a wrong setting would go unnoticed. */
const REGION = { MINIO_SITE_REGION: 'us-east-1' };

const UP_WITHIN_MS = 30_000;
/** Three minutes on two idle cores. */
const BUILT_WITHIN_MS = 20 * 60_000;

/** @param signal ends a build that is under way. */
export async function startRunMinio(
  docker: boolean,
  owned: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<RunServers['minio']> {
  const login = { user: 'test', password: randomBytes(24).toString('base64url') };
  const keys = { accessKeyId: login.user, secretAccessKey: login.password };
  const inContainer = docker ? await startMinioContainer(login, owned) : undefined;
  if (inContainer !== undefined) {
    console.log(`MinIO: container ${IMAGE}`);
    return { endpoint: inContainer, ...keys };
  }
  try {
    const program = await installMinio((command, options) => runLeashed(command, options, signal));
    const endpoint = await startMinioProcess(program, login, owned);
    console.log(`MinIO: ${program}`);
    return { endpoint, ...keys };
  } catch (error) {
    if (!(error instanceof CannotInstall)) throw error;
    console.log(`MinIO: none: ${error.message}`);
    return { none: error.message.split('\n').at(-1) ?? '' };
  }
}

async function startMinioContainer({ user, password }: MinioLogin, owned: AsyncDisposableStack) {
  const container = new GenericContainer(IMAGE)
    .withCommand(['server', '/data'])
    .withEnvironment({ MINIO_ROOT_USER: user, MINIO_ROOT_PASSWORD: password, MINIO_UPDATE: 'off', ...REGION })
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/minio/health/cluster', PORT));
  const started = await startContainer('MinIO', container, owned);
  return started && `http://${started.getHost()}:${started.getMappedPort(PORT)}`;
}

async function startMinioProcess(program: string, login: MinioLogin, owned: AsyncDisposableStack): Promise<string> {
  const directory = owned.use(await temporaryDirectory()).path;
  const place = { program, directory, port: await freePort(), consolePort: await freePort() };
  const child = spawn(...leashed(...minioCommand(place)), {
    env: { ...minioEnv(login), ...REGION },
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  owned.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const died = ended.then(() => Promise.reject(new Error(`${program} ended at once:\n${complaints}`)));
  died.catch(() => {});
  const endpoint = minioUrl(place.port);
  await Promise.race([minioAnswers(endpoint, AbortSignal.timeout(UP_WITHIN_MS)), died]);
  return endpoint;
}

async function runLeashed([file = '', ...args]: readonly string[], { cwd }: { cwd: string }, signal: AbortSignal) {
  try {
    const output = await runTool(file, args, { directory: cwd, timeoutMs: BUILT_WITHIN_MS, signal });
    return { ok: true, output };
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    return { ok: false, output: error.end.output || error.message };
  }
}
