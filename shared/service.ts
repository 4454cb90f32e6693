/** The life of a service process: read the settings, start, say so, stop once and in time. */
import { type Config, readConfig } from './config.ts';
import { Misconfigured } from './errors.ts';
import { serveHealth } from './health.ts';
import { createLogger, type Logger } from './logger.ts';

/** Exit code for a wrong setting (sysexits.h EX_CONFIG): starting again cannot help. */
export const EXIT_MISCONFIGURED = 78;

/** Law 8: gone within 10 s of SIGTERM. What has not stopped by then is cut off. */
const STOP_WITHIN_MS = 9_000;

interface RunningService {
  /** Where it listens, if it does. */
  readonly address?: string;
  /** Rejects when it could not work now; asked by probes on HEALTH_PORT. Left out by a service with a server of its own. */
  check?(): Promise<void>;
  /** Resolves when it can do its work, where that comes after its start; it may be stopped before. */
  readonly whole?: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs one service until SIGTERM, SIGINT or the death of the parent that holds its IPC channel.
 * When it is up it logs `ready` and tells the parent `{ ready: address }`.
 */
export async function runService(
  name: string,
  start: (config: Config, log: Logger) => Promise<RunningService>,
): Promise<void> {
  let config: Config;
  try {
    config = readConfig(process.env);
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    console.error(error.message);
    process.exit(EXIT_MISCONFIGURED);
  }
  const log = createLogger(name, config);
  const service = await startWithProbes(config, () => start(config, log)).catch((error: unknown) => {
    log.fatal({ err: error }, `${name} could not start: ${error instanceof Error ? error.message : error}`);
    process.exit(error instanceof Misconfigured ? EXIT_MISCONFIGURED : 1);
  });

  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.error(`not stopped within ${STOP_WITHIN_MS} ms, leaving`);
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    await service.stop();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('the parent is gone'));

  await service.whole;
  if (stopping) return;
  log.info({ address: service.address }, 'ready');
  process.send?.({ ready: service.address ?? true });
}

async function startWithProbes(
  { host, healthPort }: Config,
  start: () => Promise<RunningService>,
): Promise<RunningService> {
  const service = await start();
  const check = service.check?.bind(service);
  if (healthPort === undefined || check === undefined) return service;
  const probes = await serveHealth({ host, port: healthPort }, check);
  return {
    ...service,
    async stop() {
      await probes[Symbol.asyncDispose]();
      await service.stop();
    },
  };
}
