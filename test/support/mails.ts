/** The mails that the stack's catcher keeps. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';

/** In the order in which they came. */
export async function caughtMails(directory: string): Promise<ParsedMail[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(files.map(async (name) => simpleParser(await readFile(join(directory, name)))));
}
