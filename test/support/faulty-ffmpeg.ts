/** An ffmpeg that fails as told: a directory to be put first on the PATH of a transcoder. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** How one render of a ladder ends: killed as by the kernel for lack of memory, crashed, or as it does. */
export type Fate = 'killed' | 'crash' | 'fine';

export interface FaultyFfmpeg {
  /** The PATH with it in front. */
  readonly PATH: string;
  /** The fates of the next renders, in order; those after them are fine. Calls that render no ladder are not counted. */
  setFates(...fates: Fate[]): Promise<void>;
  /** Fates that no render has met yet. */
  left(): Promise<number>;
}

/** @param directory is made; it must not be used for anything else. */
export async function faultyFfmpeg(directory: string): Promise<FaultyFfmpeg> {
  const fates = join(directory, 'fates');
  const script = `#!/bin/sh
case " $* " in
  *" -filter_complex "*)
    exec 9>'${fates}.lock'
    flock 9
    fate=$(head -n 1 '${fates}')
    sed -i 1d '${fates}'
    exec 9>&-
    case "$fate" in
      killed) kill -KILL $$ ;;
      crash) kill -SEGV $$ ;;
    esac ;;
esac
PATH='${process.env['PATH']}' exec ffmpeg "$@"
`;
  await mkdir(directory);
  await writeFile(fates, '');
  await writeFile(join(directory, 'ffmpeg'), script);
  await chmod(join(directory, 'ffmpeg'), 0o755);
  return {
    PATH: directory + delimiter + process.env['PATH'],
    setFates: (...given) => writeFile(fates, given.map((fate) => `${fate}\n`).join('')),
    left: async () => (await readFile(fates, 'utf8')).split('\n').filter(Boolean).length,
  };
}
