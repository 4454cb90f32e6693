/** The mails that the stack's catcher keeps. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';

export interface CaughtMail extends ParsedMail {
  /** ms since 1970. */
  readonly receivedAt: number;
}

/** In the order in which they came. */
export async function caughtMails(directory: string): Promise<CaughtMail[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(
    files.map(async (name) => {
      const path = join(directory, name);
      return { ...(await simpleParser(await readFile(path))), receivedAt: (await stat(path)).mtimeMs };
    }),
  );
}
