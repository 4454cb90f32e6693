/** What the stack's own MinIO keeps from start to start: its root user's password, and its ports, so that links stay. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CannotGoOn } from './cannot-go-on.ts';
import { canListen, freePort } from './free-port.ts';

const port = z.int().min(1).max(65_535);
const kept = z.object({ user: z.string().min(3), password: z.string().min(8), port, consolePort: port });
export type KeptLogin = z.infer<typeof kept>;

const USER = 'projectionist';
const HOST = '127.0.0.1';
/** Nobody but its owner may read it. */
const PRIVATE = 0o600;

/**
 * Reads the file, or makes it with a random password. A port that another program has taken since is replaced.
 * @throws CannotGoOn when the file is there and cannot be understood: with another password the old links would die silently.
 */
export async function keepLogin(file: string): Promise<KeptLogin> {
  const before = await readLogin(file);
  const login = {
    user: before?.user ?? USER,
    password: before?.password ?? randomBytes(24).toString('base64url'),
    port: await stillFree(before?.port),
    consolePort: await stillFree(before?.consolePort),
  };
  await writeFile(`${file}.new`, `${JSON.stringify(login, undefined, 2)}\n`, { mode: PRIVATE });
  await rename(`${file}.new`, file);
  return login;
}

async function readLogin(file: string): Promise<KeptLogin | undefined> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CannotGoOn(`${file} cannot be read. Mend it, or remove it for a new password.`, { cause: error });
  }
}

async function stillFree(before: number | undefined): Promise<number> {
  return before !== undefined && (await canListen(before, HOST)) ? before : freePort(HOST);
}
