/** What the demo says at the end: every variant, where it lies, what was lost, and the mail. Pure. */
import { basename, dirname } from 'node:path';
import { duration, size } from './amounts.ts';
import type { CaughtMail } from './caught-mails.ts';
import { columns, fitted } from './columns.ts';
import type { LostFile, Outcome, ReadyFile } from './outcome.ts';
import { printable } from './printable.ts';
import type { VariantView } from './views.ts';

const LONGEST_NAME = 34;

/** @param again the command that makes the links answer once more. */
export function report({ ready, lost, mails }: Outcome, again: string): string {
  const sections = [
    section('Variants', ready.length > 0 ? variantTable(ready) : ''),
    section('Stored', ready.map(placesOf).join('\n')),
    section('Lost', lost.map(loss).join('\n')),
    section('Mail', mails.map(mailAsText).join('\n')),
    ready.length > 0 ? `The stack stops now. The links answer again with: ${again}` : '',
  ];
  return `\n${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function variantTable(files: readonly ReadyFile[]): string {
  const rows = files.flatMap(({ name, variants }) => variants.map((variant) => row(name, variant)));
  return columns([['file', 'variant', 'type', 'size', 'dimensions', 'duration', 'link'], ...rows]).join('\n');
}

function row(file: string, { name, contentType, bytes, width, height, durationSeconds, url }: VariantView): string[] {
  const dimensions = width === undefined || height === undefined ? '' : `${width}×${height}`;
  const length = durationSeconds === undefined ? '' : duration(durationSeconds);
  return [fitted(printable(file), LONGEST_NAME), name, contentType, size(bytes), dimensions, length, url];
}

function placesOf({ name, manifest, files, warning }: ReadyFile): string {
  const note = warning === undefined ? [] : [`  note      ${printable(warning)}`];
  const directories = Object.entries(Object.groupBy(files, dirname)).flatMap(([directory, inside = []]) => [
    `  files     ${directory}/`,
    `            ${inside.map((file) => basename(file)).join('  ')}`,
  ]);
  return [printable(name), ...note, `  manifest  ${manifest}`, ...directories].join('\n');
}

function loss({ name, how, reason }: LostFile): string {
  return printable(`${name}: ${how}: ${reason}`);
}

function mailAsText({ subject, to, text, file }: CaughtMail): string {
  return [`To: ${to}`, `Subject: ${subject}`, '', ...text.trimEnd().split('\n'), '', `(kept as ${file})`]
    .map((line) => printable(line))
    .join('\n');
}

function section(title: string, text: string): string {
  return text === '' ? '' : `== ${title} ==\n${text}`;
}
