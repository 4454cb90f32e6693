/** The house of a run: every service a process of its own, kept running by a supervisor, its dependencies behind proxies. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bucketClient } from '../../infra/buckets/client.ts';
import { installMinio } from '../../infra/install/minio.mjs';
import { choosePort, localUrl } from '../../infra/local/address.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { startMailCatcher } from '../../infra/local/mail-catcher/mail-catcher.ts';
import { minioAnswers, minioCommand, minioEnv, minioUrl } from '../../infra/local/minio-server.ts';
import { redisAnswers, redisCommand, redisUrl } from '../../infra/local/redis-server.ts';
import { type ServiceName, serviceCommand } from '../../infra/local/service-command.ts';
import { supervise } from '../../infra/local/supervise.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import type { FaultyFfmpeg } from '../support/faulty-ffmpeg.ts';
import { startProxy, type Proxy as Wire } from '../support/proxy.ts';
import type { Random } from './random.ts';

export interface ChaosHouse extends AsyncDisposable {
  readonly url: string;
  /** Of its services, but with the addresses past all wires. */
  readonly config: Config;
  readonly mailDirectory: string;
  readonly logDirectory: string;
  readonly transcoders: readonly string[];
  /** undefined while it is down. */
  pidOf(process: string): Promise<number | undefined>;
  /** Each service's way to Redis, by the name of the process. */
  readonly redis: ReadonlyMap<string, Wire>;
  readonly smtp: Wire;
  readonly storage: Breakable;
}

interface Breakable {
  cut(): void | Promise<void>;
  mend(): void | Promise<void>;
}

export interface HouseOptions {
  readonly directory: string;
  readonly driver: 'disk' | 's3';
  readonly transcoders: number;
  /** Renders at once. */
  readonly budget: number;
  /** How long a render holds its slot without a sign of life. */
  readonly leaseMs: number;
  /** Loses connections to the store on their way; undefined for none lost. */
  readonly flaky: Random | undefined;
  /** With the faulty ffmpeg, or not. */
  readonly ffmpegEnv: FaultyFfmpeg['env'];
}

export const OPERATOR = 'operator@example.org';

/** Share of the connections to the store that are lost, and after how many bytes of answers at most. */
const FLAKY = { share: 0.05, bytes: 20_000 };

export async function startChaosHouse(options: HouseOptions): Promise<ChaosHouse> {
  const { directory, driver, transcoders, budget, leaseMs, flaky, ffmpegEnv } = options;
  await using owned = new AsyncDisposableStack();
  const places = Object.fromEntries(
    ['run', 'log', 'redis', 'mail', 'minio', 'data'].map((name) => [name, join(directory, name)]),
  );
  for (const place of Object.values(places)) await mkdir(place, { recursive: true });
  const at = (name: string) => join(directory, name);
  const surroundings = {
    runDir: at('run'),
    logDir: at('log'),
    say: () => {},
    giveUp: (error: Error) => console.error(error.message),
  };
  const keep = async (
    name: string,
    command: readonly [string, readonly string[]],
    env: NodeJS.ProcessEnv,
    cwd?: string,
  ) => {
    const announcesReady = name !== 'redis' && name !== 'minio';
    const program = { name, command, env, announcesReady, ...(cwd !== undefined && { directory: cwd }) };
    const supervised = await supervise(program, surroundings);
    owned.defer(() => supervised.stop());
    return supervised;
  };

  const catcher = await startMailCatcher({ directory: at('mail'), host: '127.0.0.1' });
  owned.defer(() => catcher.stop());
  const smtp = owned.use(await startProxy(catcher.smtpUrl));
  const redisPort = await freePort();
  await keep('redis', redisCommand({ port: redisPort, directory: at('redis') }), process.env);
  await redisAnswers(redisUrl(redisPort), AbortSignal.timeout(20_000));
  const s3 = driver === 's3' ? await startS3(at('minio'), keep) : undefined;
  const wire = s3 && owned.use(await startProxy(s3.endpoint, flaky && losing(flaky)));
  const storage = wire ?? (await mountDisk(at('data')));
  const port = await choosePort(readConfig({}));
  const url = localUrl('127.0.0.1', port);
  const env = {
    ...ffmpegEnv,
    DATA_DIR: at('data'),
    PORT: String(port),
    PUBLIC_URL: url,
    REDIS_URL: redisUrl(redisPort),
    SMTP_URL: smtp.url,
    TRANSCODE_CONCURRENCY: String(budget),
    OPERATOR_EMAIL: OPERATOR,
    ...(s3 && wire && { ...s3.settings, S3_ENDPOINT: wire.url }),
    RETRY_BASE_MS: '200',
    LEASE_MS: String(leaseMs),
    LEASE_RENEW_MS: String(Math.round(leaseMs / 12)),
    STALLED_CHECK_MS: '1000',
    RECONCILE_SECONDS: '3',
    ALERT_GATHER_SECONDS: '2',
    MIN_FREE_BYTES: '0',
    LOG_LEVEL: 'info',
  };
  const names = Array.from({ length: transcoders }, (_, index) => `transcoder-${index + 1}`);
  const wires = new Map<string, Wire>();
  const keepService = async (name: string, service: ServiceName) => {
    const wire = owned.use(await startProxy(redisUrl(redisPort)));
    wires.set(name, wire);
    return keep(name, serviceCommand(service), { ...env, REDIS_URL: wire.url, WORKER_NAME: name });
  };
  const services = [await keepService('upload', 'upload'), await keepService('notification', 'notification')];
  for (const name of names) services.push(await keepService(name, 'transcoder'));
  await Promise.all(services.map(({ ready }) => ready));

  const running = owned.move();
  return {
    url,
    config: readConfig({ ...env, ...(s3 && { S3_ENDPOINT: s3.endpoint }) }),
    mailDirectory: at('mail'),
    logDirectory: at('log'),
    transcoders: names,
    redis: wires,
    smtp,
    storage,
    async pidOf(name) {
      const pid = Number(await readFile(join(at('run'), `${name}.pid`), 'utf8').catch(() => ''));
      return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The disk store on a disk of its own, which can be taken away: what is mounted there is not made by looking for it. */
async function mountDisk(dataDir: string): Promise<Breakable> {
  const [disk, away] = [join(dataDir, 'disk'), join(dataDir, 'disk-away')];
  await mkdir(disk);
  await symlink(disk, join(dataDir, 'storage'));
  return { cut: () => rename(disk, away), mend: () => rename(away, disk) };
}

/** Cuts some connections in the middle of an answer: what was asked has been done then. */
function losing(random: Random): (piece: Buffer, connection: number) => Buffer | undefined {
  const lives = new Map<number, number>();
  return (piece, connection) => {
    const before =
      lives.get(connection) ?? (random.chance(FLAKY.share) ? random.whole(0, FLAKY.bytes) : Number.POSITIVE_INFINITY);
    lives.set(connection, before - piece.length);
    return before < piece.length ? undefined : piece;
  };
}

type Keep = (
  name: string,
  command: readonly [string, readonly string[]],
  env: NodeJS.ProcessEnv,
  cwd?: string,
) => Promise<unknown>;

async function startS3(directory: string, keep: Keep) {
  const login = { user: 'chaos', password: randomBytes(18).toString('base64url') };
  const place = { program: await installMinio(), directory, port: await freePort(), consolePort: await freePort() };
  await keep('minio', minioCommand(place), minioEnv(login), directory);
  const endpoint = minioUrl(place.port);
  await minioAnswers(endpoint, AbortSignal.timeout(30_000));
  const settings = {
    STORAGE: 's3',
    S3_BUCKET: 'chaos',
    S3_ACCESS_KEY_ID: login.user,
    S3_SECRET_ACCESS_KEY: login.password,
  };
  const { storage } = readConfig({ ...settings, S3_ENDPOINT: endpoint });
  if (storage.driver !== 's3') throw new Error('STORAGE=s3 gave another driver');
  await bucketClient(storage).makeBucket('chaos');
  return { endpoint, settings };
}
