/** The ffmpeg of a run: fails for chosen files as told, and notices when more renders run at once than may. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What happens to one render: killed as by the kernel for lack of memory, crashed, or whole after a while of nothing. */
export type Fate = 'killed' | 'crash' | 'slow';

export interface FaultyFfmpeg {
  /** Settings that put it in front of the PATH. It keeps an account outside of what a sandbox would let it see. */
  readonly env: { readonly PATH: string; readonly SANDBOX: string };
  /** The fates of the first renders of the source that has this length, which is its name here. */
  setFates(sourceBytes: number, fates: readonly Fate[]): Promise<void>;
  /** A line for each render that ran beside as many as may. */
  overlaps(): Promise<string[]>;
  /** How many renders were begun. */
  renders(): Promise<number>;
}

/**
 * Renders are told from other calls by their output options. Each holds one of `budget` kernel locks, which goes with the
 * process, however that ends.
 * @param directory is made.
 */
export async function faultyFfmpeg(directory: string, budget = 1): Promise<FaultyFfmpeg> {
  const [fates, overlaps, renders] = ['fates', 'overlaps', 'renders'].map((name) => join(directory, name));
  if (!fates || !overlaps || !renders) throw new Error('three names give three paths');
  const script = `#!/bin/sh
source=
previous=
for argument; do
  [ "$previous" = -i ] && source=\${argument#file:}
  previous=$argument
done
case " $* " in
  *" -c:v libx264 "*)
    size=$(stat -c %s "$source")
    echo "$size" >> '${renders}'
    for place in $(seq ${budget}); do
      exec 8>'${directory}'/render-"$place".lock
      flock -n 8 && place=mine && break
    done
    [ "$place" = mine ] || echo "$(date +%s.%N) $source" >> '${overlaps}'
    if [ -s '${fates}'/"$size" ]; then
      fate=$(head -n 1 '${fates}'/"$size")
      sed -i 1d '${fates}'/"$size"
      # Without the lock, which would outlive a render that is killed meanwhile.
      sleep 0.3 8>&-
      case "$fate" in
        killed) kill -KILL $$ ;;
        crash) kill -SEGV $$ ;;
        slow) sleep 2.5 8>&- ;;
      esac
    fi ;;
esac
PATH='${process.env['PATH']}' exec ffmpeg "$@"
`;
  await mkdir(fates, { recursive: true });
  await writeFile(join(directory, 'ffmpeg'), script);
  await chmod(join(directory, 'ffmpeg'), 0o755);
  const lines = async (file: string) =>
    (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return {
    env: { PATH: directory + delimiter + process.env['PATH'], SANDBOX: 'none' },
    setFates: (sourceBytes, given) =>
      writeFile(join(fates, String(sourceBytes)), given.map((fate) => `${fate}\n`).join('')),
    overlaps: () => lines(overlaps),
    renders: async () => (await lines(renders)).length,
  };
}
