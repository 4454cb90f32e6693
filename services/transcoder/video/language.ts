/** The languages of tracks: containers write ISO 639-2 (`eng`, `ger`) or BCP-47 (`pt-BR`), or what their writer liked. */

const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/** @returns BCP-47 in its shortest form, `en` for `eng`; undefined for `und`, and for what is no language. */
export function languageOf(tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined;
  try {
    const [language] = Intl.getCanonicalLocales(tag.trim().replaceAll('_', '-'));
    const named = language !== undefined && language !== 'und' && names.of(language) !== undefined;
    return named ? language : undefined;
  } catch {
    return undefined;
  }
}

/** `German` for `de`. */
export function languageName(language: string): string {
  return names.of(language) ?? language;
}
