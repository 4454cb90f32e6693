/** The MinIO of one stack (`npm start -- --minio`): its own ports on loopback, all that is its own in DATA_DIR/minio. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, isSet } from '../../shared/config.ts';
import { Misconfigured } from '../../shared/errors.ts';
import { findMinio } from '../install/minio.mjs';
import { CannotGoOn } from './cannot-go-on.ts';
import type { DataDir } from './data-dir.ts';
import { endLeftoverServer } from './leftover-server.ts';
import { keepLogin } from './minio-login.ts';
import { minioAnswers, minioCommand, minioEnv, minioUrl } from './minio-server.ts';
import type { Starting } from './starting.ts';

const BUCKET = 'projectionist';

/** Settings that name another server, or its keys. */
const OF_ANOTHER_SERVER = ['S3_ENDPOINT', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY', 'S3_SESSION_TOKEN'];

export interface PrivateMinio {
  /** With these the services use it; buckets that the environment names stay. */
  readonly settings: Readonly<Record<string, string>>;
  readonly console: MinioConsole;
}

/** The page on which a person looks at the objects. */
export interface MinioConsole {
  /** No slash at the end. */
  readonly url: string;
  readonly user: string;
  readonly passwordFile: string;
}

/** @throws Misconfigured when the environment asks for some other store. */
export function allowsPrivateMinio(env: Environment): void {
  const other = OF_ANOTHER_SERVER.filter((name) => isSet(env, name));
  if (isSet(env, 'STORAGE') && env['STORAGE'] !== 's3') other.unshift(`STORAGE=${env['STORAGE']}`);
  if (other.length === 0) return;
  throw new Misconfigured(`--minio starts an S3 server of its own: leave it out, or else ${other.join(', ')}`);
}

export async function startPrivateMinio(
  env: Environment,
  dataDir: string,
  directories: DataDir,
  starting: Starting,
): Promise<PrivateMinio> {
  const program = findMinio();
  if (program === undefined) throw new CannotGoOn('There is no MinIO here. `npm start -- --minio` builds it.');
  const directory = join(dataDir, 'minio');
  await mkdir(directory, { recursive: true });
  await endLeftoverServer(join(directories.run, 'minio.pid'), directory);
  const passwordFile = join(directory, 'login.json');
  const { port, consolePort, ...login } = await keepLogin(passwordFile);
  const supervised = await starting.supervise({
    name: 'minio',
    command: minioCommand({ program, directory, port, consolePort }),
    env: minioEnv(login),
    directory,
    announcesReady: false,
  });
  starting.owned.defer(supervised.stop);
  const url = minioUrl(port);
  await starting.comeUp([{ supervised, up: (signal) => minioAnswers(url, signal) }]);
  return {
    settings: {
      STORAGE: 's3',
      S3_ENDPOINT: url,
      S3_BUCKET: isSet(env, 'S3_BUCKET') ? String(env['S3_BUCKET']) : BUCKET,
      S3_ACCESS_KEY_ID: login.user,
      S3_SECRET_ACCESS_KEY: login.password,
    },
    console: { url: minioUrl(consolePort), user: login.user, passwordFile },
  };
}

/** Where the console shows what lies below a prefix. */
export function browsePage({ url }: MinioConsole, bucket: string, prefix: string): string {
  return `${url}/browser/${bucket}/${encodeURIComponent(prefix)}`;
}
