/** How the owner is told what did not come out of a file. */

/** Sentences of a warning as one; undefined when there is none. */
export function inOne(sentences: readonly (string | undefined | false)[]): string | undefined {
  return sentences.filter(Boolean).join(' ') || undefined;
}

/** As a rendering has it. */
export function warningOf(sentences: readonly (string | undefined | false)[]): { warning?: string } {
  const warning = inOne(sentences);
  return warning === undefined ? {} : { warning };
}

/** Of more things than this the first are named. */
const NAMED = 5;

/** `English, German and 3 more`; each once. */
export function listed(names: readonly string[]): string {
  const all = [...new Set(names)];
  const shown = all.slice(0, NAMED).join(', ');
  return all.length > NAMED ? `${shown} and ${all.length - NAMED} more` : shown;
}
