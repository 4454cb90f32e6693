/** The one logger: JSON lines on stdout, one per event, with the ids needed to follow a file through the house. */
import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger };

export function createLogger(service: string, config: Pick<Config, 'logLevel'>): Logger {
  return pino({ level: config.logLevel, base: { service }, timestamp: pino.stdTimeFunctions.isoTime });
}
