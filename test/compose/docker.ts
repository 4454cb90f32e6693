/** The `docker` command, and whether this machine has one that can run the house. */
import { join } from 'node:path';
import { runTool, ToolFailed } from '../../shared/run-tool.ts';
import { ROOT } from '../support/command-process.ts';

/** Nothing else of our environment, where a PORT or an S3_BUCKET would win over the settings of the test. */
const PASSED_ON = /^(PATH|HOME|DOCKER_\w+|XDG_\w+|HTTPS?_PROXY|NO_PROXY)$/i;

const ANSWER_WITHIN_MS = 20_000;

/** A house in containers, apart from any other on this machine. */
export interface ComposeProject {
  readonly name: string;
  readonly envFile: string;
}

/** `docker compose` on this house. @returns what it printed to stdout. */
export function compose(project: ComposeProject, args: readonly string[], timeoutMs: number): Promise<string> {
  const house = ['--env-file', project.envFile, '--project-name', project.name];
  return docker(['compose', '--file', join(ROOT, 'docker-compose.yml'), ...house, ...args], timeoutMs);
}

/** @returns what it printed to stdout. @throws Error with the end of what it printed to stderr. */
export async function docker(args: readonly string[], timeoutMs: number): Promise<string> {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  const env = Object.fromEntries(passedOn.map(([name, value]) => [name, value ?? '']));
  try {
    return await runTool('docker', args, { timeoutMs, env });
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    throw new Error(`${error.message}\n${error.end.output}`, { cause: error });
  }
}

/** @returns why it does not answer, undefined when it does. */
export async function whyNoCompose(): Promise<string | undefined> {
  try {
    await docker(['info'], ANSWER_WITHIN_MS);
    await docker(['compose', 'version'], ANSWER_WITHIN_MS);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
  }
}
