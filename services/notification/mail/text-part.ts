/** The mail for those who read text: says everything that the HTML says. */
import type { FinishedBatch, SettledFile } from './compose.ts';
import { TRIED_AGAIN } from './html-part.ts';

export function textPart({ batch, title, files }: FinishedBatch, summary: string): string {
  const parts = [title, `${summary}.`, ...files.map(fileLines), `-- \nProjectionist, batch ${batch}`];
  return `${parts.join('\n\n')}\n`;
}

function fileLines(file: SettledFile, index: number): string {
  const numbered = `${index + 1}. ${file.name}`;
  if (file.state === 'failed') return `${numbered}\n   FAILED: ${file.reason}`;
  if (file.state === 'again') return `${numbered}\n   ${TRIED_AGAIN}`;
  const width = Math.max(0, ...file.links.map(({ label }) => label.length));
  return [
    numbered,
    '   Ready.',
    ...(file.warning === undefined ? [] : [`   Please note: ${file.warning}`]),
    ...file.links.map(({ label, url }) => `   ${label.padEnd(width)}  ${url}`),
  ].join('\n');
}
