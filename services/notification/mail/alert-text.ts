/** The mail to the operator for those who read text: says everything that the HTML says. */
import { type AlertView, HOW_TO_REPLAY, type ShownFailure } from './compose-alert.ts';

export function alertText({ title, changes, reasons, shown, more, listUrl, claim }: AlertView): string {
  const health = [
    ...changes.map(({ from, to }) => `It was ${from}, it is ${to} now.`),
    ...(changes.length > 0 ? reasons.map((reason) => `- ${reason}`) : []),
  ];
  const parts = [
    `${title}.`,
    ...(health.length > 0 ? [health.join('\n')] : []),
    ...shown.map(failureLines),
    ...(more > 0 ? [`and ${more} more: ${listUrl}`] : []),
    ...(shown.length > 0 ? [HOW_TO_REPLAY] : []),
    `-- \nProjectionist, alert ${claim}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function failureLines(failure: ShownFailure, index: number): string {
  const { heading, batch, upload, reason, attempts, toolLines, url } = failure;
  return [
    `${index + 1}. ${heading}`,
    `   ${reason}`,
    `   Batch:    ${batch}`,
    ...(upload === undefined ? [] : [`   Upload:   ${upload}`]),
    `   Attempts: ${attempts}`,
    ...toolLines.map((line) => `   | ${line}`),
    `   ${url}`,
  ].join('\n');
}
