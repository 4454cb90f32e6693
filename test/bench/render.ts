/**
 * `npm run bench [-- --rounds 3 FILE…]`: what a render costs and what comes out, for this pipeline, for its bare ffmpeg
 * command, for a process for each rung, for the whole main job, and for other projects' settings: one run, one machine.
 * CPU seconds are user and system time of all processes. The clips are kept in /tmp for the next run.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../infra/local/command.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { machine } from './machine.ts';
import { clipOf } from './render/clip.ts';
import { makeClips } from './render/clips.ts';
import { contenders } from './render/contenders.ts';
import { readOptions } from './render/options.ts';
import { findJudge } from './render/quality.ts';
import { report } from './render/report.ts';
import { runRounds } from './render/rounds.ts';

/** What shells say of a process that Ctrl-C has ended. */
const EXIT_INTERRUPTED = 130;

const CLIPS = join(tmpdir(), 'projectionist-bench');

await runCommand(async (stop) => {
  const { files, rounds, quality, only, every } = readOptions(process.argv.slice(2));
  const say = (line: string) => console.error(line);
  const judge = await findJudge(every);
  const chosen = contenders(quality).filter(({ name }) => only.test(name));
  await using directory = await temporaryDirectory();
  console.log(
    `${machine()}; ${rounds} rounds, medians${judge.metric === 'VMAF' && every > 1 ? `; VMAF of every ${every}th frame` : ''}\n`,
  );
  for (const file of files.length > 0 ? files : await makeClips(CLIPS, say)) {
    const clip = await clipOf(file);
    say(`${file}, ${chosen.length} contenders`);
    const results = await runRounds(chosen, { clip, rounds, judge, directory: directory.path, stop, say });
    console.log(report({ clip, quality, metric: judge.metric, results }));
  }
  return 0;
}, EXIT_INTERRUPTED);
