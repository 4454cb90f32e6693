/** The mails that the embedded catcher keeps as files. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';

export interface CaughtMail {
  readonly file: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** @returns the mails about this batch, which their Message-ID names; oldest first. */
export async function caughtMails(directory: string, batch: string): Promise<CaughtMail[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.eml')).sort();
  const mails = await Promise.all(names.map((name) => readMail(join(directory, name), batch)));
  return mails.filter((mail) => mail !== undefined);
}

async function readMail(file: string, batch: string): Promise<CaughtMail | undefined> {
  const raw = await readFile(file);
  if (!raw.includes(batch)) return undefined;
  const { to, subject = '', text = '' } = await simpleParser(raw);
  const addresses = [to ?? []].flat().map((list) => list.text);
  return { file, to: addresses.join(', '), subject, text };
}
