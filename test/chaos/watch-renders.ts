/** Watches the process table: how many renders run at once, whatever they are made of. */
import { readdirSync, readFileSync } from 'node:fs';

export interface RenderWatch extends Disposable {
  readonly looks: () => number;
  /** Those that saw a render. */
  readonly sightings: () => number;
  /** A line for each time that more ran than may. */
  readonly overlaps: readonly string[];
}

const LOOK_EVERY_MS = 100;

/**
 * A render is what has files of one upload in one transcoder's scratch space on its command line. One that is seen beside
 * another in two looks running is no process that is just ending.
 */
export function watchRenders(workDir: string, budget: number): RenderWatch {
  const overlaps: string[] = [];
  let looks = 0;
  let sightings = 0;
  let suspected = new Set<string>();
  const timer = setInterval(() => {
    looks++;
    const running = rendersBelow(workDir);
    if (running.size > 0) sightings++;
    const tooMany = running.size > budget ? running : new Set<string>();
    const sure = [...tooMany].filter((render) => suspected.has(render));
    if (sure.length > budget) overlaps.push(`${new Date().toISOString()} ${sure.join(' beside ')}`);
    suspected = tooMany;
  }, LOOK_EVERY_MS);
  return {
    looks: () => looks,
    sightings: () => sightings,
    overlaps,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Those of the moment, as `transcoder-1/<upload>`. */
export function rendersBelow(workDir: string): Set<string> {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [, render] = commandLine(pid).split(`${workDir}/`);
    if (render !== undefined) found.add(render.split('/').slice(0, 2).join('/'));
  }
  return found;
}

/** Empty for one that is gone. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
