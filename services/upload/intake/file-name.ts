/** Names of files are data: they are kept as they came, shown escaped, and never used as a path. */
import { Refusal } from '../../../shared/errors.ts';

/** Longest name, in UTF-16 units: far above any file system's 255 bytes, far below what would bloat a list of uploads. */
const MAX_NAME_LENGTH = 1000;

/** @throws Refusal 400 when there is no name, or one that is absurdly long. */
export function checkedName(name: string | undefined): string {
  if (name === undefined || name === '') throw new Refusal(400, 'The file has no name. Send a file name with it.');
  if (name.length > MAX_NAME_LENGTH) {
    throw new Refusal(400, `The file's name is longer than ${MAX_NAME_LENGTH} characters. Shorten it.`);
  }
  return name;
}

/**
 * The name behind a form's `filename`. Browsers write a quote and line breaks in it as %22, %0D and %0A, and nothing
 * else (HTML standard 4.10.22.8 "Multipart form data").
 */
export function formFileName(filename: string | undefined): string | undefined {
  return filename?.replace(/%(22|0D|0A)/gi, (encoded) => decodeURIComponent(encoded));
}
