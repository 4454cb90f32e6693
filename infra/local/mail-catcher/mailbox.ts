/** The caught mails, one `.eml` file each. The directory is all there is to know, so they outlive a restart. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';

export interface Mailbox {
  /**
   * Keeps a mail: once this resolves it survives a power cut.
   * @throws MailTooLarge when there is more of it than `maxBytes`; the rest is read to its end all the same, so that
   * the sender hears the answer. Whatever is thrown, nothing is kept.
   */
  keep(content: AsyncIterable<Buffer>, maxBytes: number): Promise<string>;
  /** Newest first. */
  list(): Promise<readonly Envelope[]>;
  /** `undefined` when there is no mail of that name. */
  read(name: string): Promise<Buffer | undefined>;
}

/** What the list shows of a mail, as its headers claim it. */
export interface Envelope {
  /** File name, which sorts by time: `2026-11-23T10-24-00-123Z-0001-5f3a.eml`. */
  readonly name: string;
  readonly receivedAt: Date;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
}

export class MailTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`The mail is larger than ${maxBytes} bytes`);
    this.name = 'MailTooLarge';
  }
}

const NAME = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-\d{4}-[0-9a-f]{4}\.eml$/;
const UNFINISHED = /^\.[\w-]+\.eml\.part$/;

/** Opens the directory, makes it if it is missing, and removes what a crash left half received. */
export async function openMailbox(directory: string): Promise<Mailbox> {
  await mkdir(directory, { recursive: true });
  const leftovers = (await readdir(directory)).filter((name) => UNFINISHED.test(name));
  for (const name of leftovers) await rm(join(directory, name), { force: true });

  /** Mails never change, so what was read once is known. */
  const known = new Map<string, Envelope>();
  let count = 0;

  const names = async () => (await readdir(directory)).filter((name) => NAME.test(name));
  const read = async (name: string) => ((await names()).includes(name) ? readFile(join(directory, name)) : undefined);

  return {
    async keep(content, maxBytes) {
      const name = nameOf(new Date(), count++);
      const kept = join(directory, name);
      const unfinished = join(directory, `.${name}.part`);
      try {
        await writeWhole(unfinished, content, maxBytes);
        await rename(unfinished, kept);
        await syncDirectory(directory);
      } catch (error) {
        for (const path of [unfinished, kept]) await rm(path, { force: true });
        throw error;
      }
      return name;
    },
    async list() {
      const newestFirst = (await names()).sort().reverse();
      for (const name of newestFirst) {
        if (!known.has(name)) known.set(name, await envelopeOf(name, join(directory, name)));
      }
      return newestFirst.flatMap((name) => known.get(name) ?? []);
    },
    read,
  };
}

/** Parses a whole mail. Pictures that it brings along are put into its HTML as `data:` addresses. */
export function parseMail(content: Buffer): Promise<ParsedMail> {
  return simpleParser(content);
}

/** When a mail came, from its name. */
export function receivedAt(name: string): Date {
  return new Date(name.replace(NAME, '$1T$2:$3:$4.$5Z'));
}

/** The counter keeps the order of mails of one millisecond; the random end keeps names of two processes apart. */
function nameOf(time: Date, count: number): string {
  const stamp = time.toISOString().replace(/[:.]/g, '-');
  return `${stamp}-${String(count % 10_000).padStart(4, '0')}-${randomBytes(2).toString('hex')}.eml`;
}

async function writeWhole(path: string, content: AsyncIterable<Buffer>, maxBytes: number): Promise<void> {
  await using file = await open(path, 'wx');
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes <= maxBytes) await file.writeFile(chunk);
  }
  if (bytes > maxBytes) throw new MailTooLarge(maxBytes);
  await file.sync();
}

/** Without this the file's name may not survive a power cut, though its content does. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path);
  await directory.sync();
}

/** What is read of a mail for the list; longer headers are cut. */
const HEADER_BYTES = 64 * 1024;

async function envelopeOf(name: string, path: string): Promise<Envelope> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
  const start = buffer.subarray(0, bytesRead);
  const end = start.toString('latin1').search(/\r?\n\r?\n/);
  const headers = end < 0 ? start : start.subarray(0, end);
  const { from, to, subject } = await parseMail(Buffer.concat([headers, Buffer.from('\r\n\r\n')]));
  return {
    name,
    receivedAt: receivedAt(name),
    from: from?.text ?? '',
    to: addressesOf(to),
    subject: subject ?? '',
  };
}

/** The addresses of a header, on one line. */
export function addressesOf(header: ParsedMail['to']): string {
  return [header ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}
