/** How a service is started as a process of its own: the same command as `npm run service:…`. */
import { join } from 'node:path';

export const SERVICES = ['upload', 'transcoder', 'notification'] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * The upload service makes 64 KiB of garbage for every 64 KiB that streams through it, and V8's default young generation
 * (3 × 16 MiB) lets it pile up to 230 MB of resident memory. At 2 MiB it stays at 160 MB, as fast as before
 * (test/integration/door-memory.test.ts). The transcoder, which mostly waits for ffmpeg, takes 133 MiB instead of 160
 * (npm run bench). V8 takes the size at start only.
 */
export const NODE_OPTIONS: Record<ServiceName, readonly string[]> = {
  upload: ['--max-semi-space-size=2'],
  transcoder: ['--max-semi-space-size=2'],
  notification: [],
};

const SERVICES_DIR = join(import.meta.dirname, '../../services');

export function serviceCommand(name: ServiceName): [file: string, args: string[]] {
  return [process.execPath, [...NODE_OPTIONS[name], join(SERVICES_DIR, name, 'main.ts')]];
}
