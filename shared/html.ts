/** HTML that nobody can inject into: whatever is put into an `html` template is escaped, unless it comes from one itself. */

export class Html {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }
}

export type HtmlValue = string | number | Html | readonly Html[];

/** Values may stand in text and in quoted attributes; never in a script, a style or an unquoted attribute. */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(literals.reduce((source, literal, i) => source + escaped(values[i - 1] ?? '') + literal));
}

function escaped(value: HtmlValue): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
