/**
 * The embedded stack: a private Redis, a MinIO if asked, a mail catcher and the three services as processes of their own, started, kept
 * running and stopped together. Used by `npm start`, `npm run demo` and the tests.
 */
import { type Config, type Environment, isSet, readConfig } from '../../shared/config.ts';
import { choosePort, localUrl } from './address.ts';
import { allComeUp } from './all-come-up.ts';
import { bucketsReady } from './buckets-ready.ts';
import { makeDataDir } from './data-dir.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { filesElsewhere } from './files-elsewhere.ts';
import { startMailCatcher } from './mail-catcher/mail-catcher.ts';
import { allowsPrivateMinio, type MinioConsole, startPrivateMinio } from './private-minio.ts';
import { startPrivateRedis } from './private-redis.ts';
import { startServices } from './services.ts';
import type { Starting } from './starting.ts';
import { supervise } from './supervise.ts';

/** A slow disk and a cold cache included; usually it takes a second or two. */
const START_WITHIN_MS = 60_000;

export interface StackOptions {
  readonly env: Environment;
  /** Store the files in a MinIO of the stack's own. */
  readonly minio?: boolean;
  /** Told one line when a service dies, or a bucket was made. */
  readonly say: (line: string) => void;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  readonly startWithinMs?: number;
}

export interface Stack extends AsyncDisposable {
  /** Of the upload service, no slash at the end. */
  readonly url: string;
  /** What the services run with. */
  readonly config: Config;
  /** undefined where SMTP_URL names another server. */
  readonly mail: { readonly url: string; readonly directory: string } | undefined;
  /** undefined without a MinIO of the stack's own. */
  readonly console: MinioConsole | undefined;
  /** Aborted, with the error as its reason, when a service will not come back. */
  readonly broken: AbortSignal;
}

/**
 * Resolves when everything answers. REDIS_URL and SMTP_URL in `env` name servers to use instead of own ones.
 * Disposing stops the services, then MinIO, Redis and the mail catcher.
 * @throws Misconfigured, CannotGoOn, or the signal's reason; then nothing is left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { env, say, startWithinMs = START_WITHIN_MS } = options;
  if (options.minio) allowsPrivateMinio(env);
  // What the store needs is known when MinIO runs.
  const asked = readConfig(options.minio ? { ...env, STORAGE: '', MEDIA_DELIVERY: '' } : env);
  const directories = await makeDataDir(asked.dataDir);
  await using started = new AsyncDisposableStack();
  started.use(lockDataDir(asked.dataDir, directories.run));
  const elsewhere = filesElsewhere(asked.dataDir, options.minio ?? false);
  if (elsewhere !== undefined) say(elsewhere);

  const broken = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, broken.signal]) : broken.signal;
  const surroundings = {
    runDir: directories.run,
    logDir: directories.log,
    say,
    giveUp: (error: Error) => broken.abort(error),
  };
  const starting: Starting = {
    owned: started,
    supervise: (program) => supervise(program, surroundings),
    comeUp: (group) => allComeUp(group, startWithinMs, signal),
  };

  const caught = isSet(env, 'SMTP_URL') ? undefined : await startMail(directories.mail, started);
  const redisUrl = isSet(env, 'REDIS_URL') ? asked.redisUrl : await startPrivateRedis(directories, starting);
  const minio = options.minio ? await startPrivateMinio(env, asked.dataDir, directories, starting) : undefined;
  const port = await choosePort(asked);
  const url = localUrl(asked.host, port);
  const serviceEnv = {
    ...env,
    ...minio?.settings,
    // Absolute, as what the services print and store must not depend on where they were started.
    DATA_DIR: asked.dataDir,
    WORK_DIR: asked.workDir,
    PORT: String(port),
    PUBLIC_URL: isSet(env, 'PUBLIC_URL') ? env['PUBLIC_URL'] : url,
    REDIS_URL: redisUrl,
    SMTP_URL: caught?.smtpUrl ?? asked.smtpUrl,
  };
  const config = readConfig(serviceEnv);
  if (config.storage.driver === 's3') {
    await bucketsReady(config.storage, { withinMs: startWithinMs, signal, say });
  }
  await startServices(serviceEnv, url, starting);

  const owned = started.move();
  return {
    url,
    config,
    mail: caught && { url: caught.url, directory: directories.mail },
    console: minio?.console,
    broken: broken.signal,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startMail(directory: string, owned: AsyncDisposableStack) {
  const catcher = await startMailCatcher({ directory, host: '127.0.0.1' });
  owned.defer(() => catcher.stop());
  return catcher;
}
