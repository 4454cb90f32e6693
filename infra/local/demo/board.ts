/** Shows how far every file is: bars that are drawn over in a terminal, plain lines elsewhere. */
import { createLogUpdate } from 'log-update';
import { printable } from './printable.ts';
import { drawBoard, type FileLine, milestone, type Progress } from './progress.ts';

export interface Board extends Disposable {
  /** Begins to show these files. */
  begin(names: readonly string[]): void;
  /** @param place of the file among the names, from 0. */
  update(place: number, progress: Progress): void;
  /** A line of its own, at any time; above the bars. */
  say(line: string): void;
  /** Shows the last state once more and nothing after it. */
  end(): void;
}

const DRAW_EVERY_MS = 100;
const DEFAULT_WIDTH = 80;

/** @param out a terminal gets bars, anything else plain lines; so does everything when `plain`. */
export function openBoard(out: NodeJS.WriteStream, plain: boolean): Board {
  return out.isTTY && !plain ? openBars(out) : openLines(out);
}

function openBars(out: NodeJS.WriteStream): Board {
  const log = createLogUpdate(out);
  let files: FileLine[] = [];
  let timer: NodeJS.Timeout | undefined;
  const draw = () => log(drawBoard(files, out.columns || DEFAULT_WIDTH));
  const end = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    draw();
    log.done();
  };
  return {
    begin: (names) => {
      files = waiting(names);
      timer = setInterval(draw, DRAW_EVERY_MS);
      draw();
    },
    update: (place, progress) => {
      files = files.map((file, index) => (index === place ? { ...file, progress } : file));
    },
    say: (line) => {
      log.persist(line);
      if (timer !== undefined) draw();
    },
    end,
    [Symbol.dispose]: end,
  };
}

function openLines(out: NodeJS.WriteStream): Board {
  let names: readonly string[] = [];
  const said = new Map<number, string>();
  const say = (line: string) => out.write(`${line}\n`);
  return {
    begin: (given) => {
      names = given;
    },
    update: (place, progress) => {
      const now = milestone(progress);
      if (said.get(place) === now) return;
      said.set(place, now);
      say(printable(`${names[place]}: ${now}`));
    },
    say,
    end: () => {},
    [Symbol.dispose]: () => {},
  };
}

function waiting(names: readonly string[]): FileLine[] {
  return names.map((name) => ({ name: printable(name), progress: { stage: 'waiting' } }));
}
