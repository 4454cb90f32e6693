/** Runs a tool that opens an original: runTool, in the sandbox. */
import { runTool, ToolFailed, type ToolRun } from '../../shared/run-tool.ts';
import { troubleOf } from './machine-trouble.ts';
import { requirePlainOutputs } from './plain-outputs.ts';
import { type Access, enclosed, type Sandbox, signalIn } from './sandbox.ts';

export interface Enclosure {
  readonly sandbox: Sandbox;
  readonly access: Access;
}

/**
 * @throws as runTool does, with the same words and signals whatever the sandbox is; FileFault when it left anything but files.
 */
export async function runEnclosed(
  { sandbox, access }: Enclosure,
  tool: string,
  args: readonly string[],
  run: ToolRun,
): Promise<string> {
  const [file, all] = enclosed(sandbox, access, tool, args);
  const directory = access.writes;
  try {
    const printed = await runTool(file, all, {
      ...run,
      hasOwnLeash: true,
      ...(directory !== undefined && { directory }),
    });
    if (directory !== undefined) await requirePlainOutputs(directory);
    return printed;
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    if (directory !== undefined) await requirePlainOutputs(directory);
    const { exitCode, endedBy = signalIn(sandbox, exitCode), output } = error.end;
    const [firstLine = ''] = output.split('\n', 1);
    const trouble = await troubleOf({ firstLine, output, writes: directory });
    const end = { ...error.end, exitCode: endedBy === undefined ? exitCode : undefined, endedBy, trouble };
    throw new ToolFailed(
      `${tool}: ${endedBy ?? `exit code ${exitCode}`}`,
      { ...end, output: output.trimStart() },
      { cause: error },
    );
  }
}
