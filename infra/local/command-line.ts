/** What a person may write behind `npm start --` and `npm run demo --`. */
import { parseArgs } from 'node:util';

/** The command line has something that the command does not know. `message` is the usage. */
export class WrongUsage extends Error {
  constructor(usage: string, options?: ErrorOptions) {
    super(`usage: ${usage}`, options);
    this.name = 'WrongUsage';
  }
}

/** @throws WrongUsage */
export function readCommandLine(args: readonly string[], usage: string, takes: { readonly files: boolean }) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { minio: { type: 'boolean', default: false } },
      allowPositionals: takes.files,
    });
    return { minio: values.minio, files: positionals };
  } catch (error) {
    throw new WrongUsage(usage, { cause: error });
  }
}
