/** A MinIO of our own: how it is called, and when it answers. */
import { join } from 'node:path';
import { pause } from './pause.ts';

const ASK_EVERY_MS = 100;

export interface MinioPlace {
  /** As infra/install/minio.mjs finds it. */
  readonly program: string;
  /** Absolute and existing; holds the drive. */
  readonly directory: string;
  readonly port: number;
  readonly consolePort: number;
}

/** Of the root user, who may do everything on this server. */
export interface MinioLogin {
  readonly user: string;
  readonly password: string;
}

/** The command line; it listens on loopback only, without TLS even where ~/.minio has a certificate for another MinIO. */
export function minioCommand({ program, directory, port, consolePort }: MinioPlace): [file: string, args: string[]] {
  const listen = ['--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${consolePort}`];
  return [program, ['server', join(directory, 'drive'), ...listen, '--certs-dir', join(directory, 'certs')]];
}

/** Its whole environment: MINIO_* of another server, and CI, which changes what it does, stay out of it. */
export function minioEnv(login: MinioLogin): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    MINIO_ROOT_USER: login.user,
    MINIO_ROOT_PASSWORD: login.password,
    // No questions to MinIO's own site, and no way from the S3 address to the console, which has one of its own.
    MINIO_UPDATE: 'off',
    MINIO_BROWSER_REDIRECT: 'off',
  };
}

export const minioUrl = (port: number) => `http://127.0.0.1:${port}`;

/**
 * Resolves when the server takes requests; rejects with the signal's reason.
 * Of its health checks only `cluster` waits for the drive and the users: `live` and `ready` say 200 before that.
 */
export async function minioAnswers(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/minio/health/cluster`, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await pause(ASK_EVERY_MS, signal);
  }
}
