/** Every setting of every service: read from the environment, parsed once, here. The README's table lists the same names. */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Misconfigured } from './errors.ts';
import { mailAddress } from './mail-address.ts';
import { type ImageFormat, imageFormats, oneOf, url, wholeNumber } from './setting-kinds.ts';

const GiB = 1024 ** 3;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const settings = z.object({
  /** Port of the upload service; 0 takes a free one. */
  PORT: wholeNumber(0, 65_535).default(0),
  HOST: z.string().default('127.0.0.1'),
  /** Where the disk store, the embedded Redis, the caught mails, logs and pids live. */
  DATA_DIR: z.string().default('data'),
  /** Scratch space of the transcoder: sources and outputs of the render that is running. A disk, not tmpfs. */
  WORK_DIR: z.string().optional(),
  REDIS_URL: url('redis', 'rediss').default('redis://127.0.0.1:6379'),
  STORAGE: oneOf('disk', 's3').default('disk'),
  S3_ENDPOINT: url('http', 'https').optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_BUCKET: z.string().optional(),
  /** Bucket of what is published (`media/`); the same as S3_BUCKET unless set. */
  S3_MEDIA_BUCKET: z.string().optional(),
  /** How clients reach the S3 server, where that differs: signed URLs name it. */
  S3_PUBLIC_ENDPOINT: url('http', 'https').optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** Goes with temporary keys (AWS STS, MinIO's AssumeRole). */
  S3_SESSION_TOKEN: z.string().optional(),
  /** Whether the upload service hands media on itself, or sends clients to the S3 server with a signed URL. */
  MEDIA_DELIVERY: oneOf('stream', 'redirect').default('stream'),
  SMTP_URL: url('smtp', 'smtps').default('smtp://127.0.0.1:1025'),
  MAIL_FROM: z.string().default('Projectionist <projectionist@localhost>'),
  /** Gets the alerts; instructors' replies go there too. */
  OPERATOR_EMAIL: mailAddress.optional(),
  /** What links in mails start with. */
  PUBLIC_URL: url('http', 'https').optional(),
  MAX_FILE_BYTES: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(10 * GiB),
  MAX_BATCH_FILES: wholeNumber(1, 100_000).default(500),
  /** How long an original is kept after its upload has settled. */
  KEEP_ORIGINALS_DAYS: wholeNumber(0, 36_500).default(7),
  /** Renders that may run at once in the whole fleet. */
  TRANSCODE_CONCURRENCY: wholeNumber(1, 1000).default(1),
  /** What pictures come out as; in this order, whatever the order in the setting. */
  IMAGE_FORMATS: imageFormats.prefault('webp,jpeg'),
  /** Whether an animation comes out as MP4 too. */
  ANIMATION_MP4: oneOf('true', 'false').default('false'),
  /** Tries of one file before it becomes a dead letter, which has one more. */
  RETRY_ATTEMPTS: wholeNumber(1, 20).default(4),
  /** Pause before the second try; it doubles with each further one. */
  RETRY_BASE_MS: wholeNumber(0, 3_600_000).default(5_000),
  /** How long a render holds its slot and its job without a sign of life: it survives a Redis that is away for so long. */
  LEASE_MS: wholeNumber(1_000, 3_600_000).default(180_000),
  /** How often a running render says that it lives. */
  LEASE_RENEW_MS: wholeNumber(100, 600_000).default(10_000),
  /** How often a job whose render died without its transcoder coming back is looked for; the same in the whole fleet. */
  STALLED_CHECK_MS: wholeNumber(100, 600_000).default(10_000),
  /** How often what a crash left between two stores is repaired. */
  RECONCILE_SECONDS: wholeNumber(1, 86_400).default(60),
  /** Age at which what nobody owns (an original, a half-written object) is removed. */
  UNOWNED_AFTER_MINUTES: wholeNumber(1, 100_000).default(60),
  /** An open batch in which nothing has happened for so long is sealed, or removed when it is empty. */
  SEAL_ABANDONED_HOURS: wholeNumber(1, 100_000).default(24),
  /** A finished batch is forgotten after so long: ledger and records; what was published stays. */
  KEEP_BATCHES_DAYS: wholeNumber(1, 36_500).default(365),
  /** Files that may wait before uploads are refused. */
  MAX_QUEUE: wholeNumber(1, 10_000_000).default(10_000),
  /** Uploads are refused when a disk that they need has less room than this. */
  MIN_FREE_BYTES: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(2 * GiB),
  MAILS_PER_SECOND: wholeNumber(1, 1000).default(5),
  /** How long failures are gathered before the operator gets one mail about all of them. */
  ALERT_GATHER_SECONDS: wholeNumber(0, 86_400).default(30),
  /** Files that wait. */
  BACKLOG_WARNING: wholeNumber(1, 10_000_000).default(200),
  BACKLOG_CRITICAL: wholeNumber(1, 10_000_000).default(1000),
  /** How long the file that waits longest has been waiting. */
  OLDEST_WARNING_MINUTES: wholeNumber(1, 1_000_000).default(120),
  OLDEST_CRITICAL_MINUTES: wholeNumber(1, 1_000_000).default(720),
  /** Share of the files settled in the last hour that failed. */
  FAILURES_WARNING_PERCENT: wholeNumber(1, 100).default(20),
  FAILURES_CRITICAL_PERCENT: wholeNumber(1, 100).default(60),
  /** What originals are opened in: `auto` is bubblewrap where it works. */
  SANDBOX: oneOf('auto', 'bwrap', 'none').default('auto'),
  /** Name of this transcoder; unique in the fleet and the same after a restart, so that it finds its former job. */
  WORKER_NAME: z
    .string()
    .regex(/^[\w.-]{1,100}$/, { error: 'expected 1 to 100 letters, digits, dots, dashes or underscores' })
    .default(hostname()),
  /** Port on which the transcoder and the notification service answer probes; without it they answer none. */
  HEALTH_PORT: wholeNumber(0, 65_535).optional(),
  /** Time, bytes and quality of a video's rungs (services/transcoder/ladder.ts). */
  QUALITY: oneOf('fast', 'balanced', 'small').default('balanced'),
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
});

/** All of them, as the environment names them. */
export const SETTINGS = Object.keys(settings.shape);

const requiredForS3 = ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;

export type StorageConfig =
  | { readonly driver: 'disk'; readonly directory: string }
  | {
      readonly driver: 's3';
      /** Left out for AWS itself. */
      readonly endpoint?: string;
      /** What signed URLs start with instead of `endpoint`. */
      readonly publicEndpoint?: string;
      readonly region: string;
      /** Holds originals/ and records/. */
      readonly bucket: string;
      /** Holds media/; may be the same. */
      readonly mediaBucket: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };

/** How a render holds what it works on. */
interface LeaseConfig {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly stalledCheckMs: number;
}

/** What comes out of a render, where that can be chosen. */
interface RenderConfig {
  /** None twice. */
  readonly imageFormats: readonly ImageFormat[];
  readonly animationMp4: boolean;
  readonly quality: z.infer<typeof settings>['QUALITY'];
}

interface UpkeepConfig {
  readonly reconcileMs: number;
  readonly unownedAfterMs: number;
  readonly sealAbandonedMs: number;
  readonly keepBatchesMs: number;
}

export interface AdmissionConfig {
  readonly maxQueue: number;
  readonly minFreeBytes: number;
}

/** From which value on a measure of the house is a warning, or critical. */
export interface HealthLimits {
  readonly backlog: Threshold;
  readonly oldestMs: Threshold;
  readonly failedPercent: Threshold;
}

export interface Threshold {
  readonly warning: number;
  readonly critical: number;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path. */
  readonly workDir: string;
  readonly redisUrl: string;
  readonly storage: StorageConfig;
  readonly mediaDelivery: z.infer<typeof settings>['MEDIA_DELIVERY'];
  readonly smtpUrl: string;
  readonly mailFrom: string;
  readonly operatorEmail?: string;
  /** No slash at the end. */
  readonly publicUrl: string;
  readonly maxFileBytes: number;
  readonly maxBatchFiles: number;
  readonly keepOriginalsDays: number;
  readonly transcodeConcurrency: number;
  readonly render: RenderConfig;
  readonly retryAttempts: number;
  readonly retryBaseMs: number;
  readonly lease: LeaseConfig;
  readonly upkeep: UpkeepConfig;
  readonly admission: AdmissionConfig;
  readonly mailsPerSecond: number;
  readonly alertGatherMs: number;
  readonly healthLimits: HealthLimits;
  readonly workerName: string;
  readonly healthPort?: number;
  readonly sandbox: z.infer<typeof settings>['SANDBOX'];
  readonly logLevel: z.infer<typeof settings>['LOG_LEVEL'];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment. An empty value counts as not set, as compose files write it.
 * @throws Misconfigured with one line for each setting that is wrong or missing.
 */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([name]) => isSet(env, name)));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const shown = /SECRET|TOKEN/.test(name) ? '' : `, got ${JSON.stringify(given[name])}`;
      return `${name}: ${issue.message}${shown}`;
    });
    throw new Misconfigured(lines.join('\n'));
  }
  const values = parsed.data;
  if (values.MEDIA_DELIVERY === 'redirect' && values.STORAGE !== 's3') {
    throw new Misconfigured('MEDIA_DELIVERY: redirect needs STORAGE=s3, because the disk has no server of its own');
  }
  if (values.LEASE_RENEW_MS * 3 > values.LEASE_MS) {
    throw new Misconfigured(
      'LEASE_RENEW_MS: must be at most a third of LEASE_MS, so that one late sign of life is none lost',
    );
  }
  const dataDir = resolve(values.DATA_DIR);
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir,
    workDir: resolve(values.WORK_DIR ?? join(dataDir, 'work')),
    redisUrl: values.REDIS_URL,
    storage: storageConfig(values, dataDir),
    mediaDelivery: values.MEDIA_DELIVERY,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    ...(values.OPERATOR_EMAIL !== undefined && { operatorEmail: values.OPERATOR_EMAIL }),
    publicUrl: (values.PUBLIC_URL ?? `http://${values.HOST}:${values.PORT}`).replace(/\/+$/, ''),
    maxFileBytes: values.MAX_FILE_BYTES,
    maxBatchFiles: values.MAX_BATCH_FILES,
    keepOriginalsDays: values.KEEP_ORIGINALS_DAYS,
    transcodeConcurrency: values.TRANSCODE_CONCURRENCY,
    render: {
      imageFormats: values.IMAGE_FORMATS,
      animationMp4: values.ANIMATION_MP4 === 'true',
      quality: values.QUALITY,
    },
    retryAttempts: values.RETRY_ATTEMPTS,
    retryBaseMs: values.RETRY_BASE_MS,
    lease: {
      leaseMs: values.LEASE_MS,
      renewMs: values.LEASE_RENEW_MS,
      stalledCheckMs: values.STALLED_CHECK_MS,
    },
    upkeep: {
      reconcileMs: values.RECONCILE_SECONDS * 1000,
      unownedAfterMs: values.UNOWNED_AFTER_MINUTES * MINUTE_MS,
      sealAbandonedMs: values.SEAL_ABANDONED_HOURS * 60 * MINUTE_MS,
      keepBatchesMs: values.KEEP_BATCHES_DAYS * DAY_MS,
    },
    admission: { maxQueue: values.MAX_QUEUE, minFreeBytes: values.MIN_FREE_BYTES },
    mailsPerSecond: values.MAILS_PER_SECOND,
    alertGatherMs: values.ALERT_GATHER_SECONDS * 1000,
    healthLimits: {
      backlog: { warning: values.BACKLOG_WARNING, critical: values.BACKLOG_CRITICAL },
      oldestMs: {
        warning: values.OLDEST_WARNING_MINUTES * MINUTE_MS,
        critical: values.OLDEST_CRITICAL_MINUTES * MINUTE_MS,
      },
      failedPercent: { warning: values.FAILURES_WARNING_PERCENT, critical: values.FAILURES_CRITICAL_PERCENT },
    },
    workerName: values.WORKER_NAME,
    ...(values.HEALTH_PORT !== undefined && { healthPort: values.HEALTH_PORT }),
    sandbox: values.SANDBOX,
    logLevel: values.LOG_LEVEL,
  };
}

/** Whether the environment gives this setting a value of its own. */
export function isSet(env: Environment, name: string): boolean {
  return env[name] !== undefined && env[name] !== '';
}

function storageConfig(values: z.infer<typeof settings>, dataDir: string): StorageConfig {
  if (values.STORAGE === 'disk') return { driver: 'disk', directory: join(dataDir, 'storage') };
  const missing = requiredForS3.filter((name) => values[name] === undefined);
  if (missing.length > 0) {
    throw new Misconfigured(missing.map((name) => `${name}: required when STORAGE=s3`).join('\n'));
  }
  return {
    driver: 's3',
    ...(values.S3_ENDPOINT !== undefined && { endpoint: values.S3_ENDPOINT }),
    ...(values.S3_PUBLIC_ENDPOINT !== undefined && { publicEndpoint: values.S3_PUBLIC_ENDPOINT }),
    region: values.S3_REGION,
    bucket: values.S3_BUCKET ?? '',
    mediaBucket: values.S3_MEDIA_BUCKET ?? values.S3_BUCKET ?? '',
    accessKeyId: values.S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: values.S3_SECRET_ACCESS_KEY ?? '',
    ...(values.S3_SESSION_TOKEN !== undefined && { sessionToken: values.S3_SESSION_TOKEN }),
  };
}
