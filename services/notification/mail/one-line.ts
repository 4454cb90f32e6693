/** Text from an instructor's machine, made fit for one line of a mail or of a header. */

/** Line breaks and other controls; with them a name could add headers or fake a line of the mail. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Characters that turn the reading direction of what follows them: `gpj.exe` would read `exe.jpg`. */
const DIRECTION_OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/gu;

export function oneLine(text: string): string {
  return text.toWellFormed().replace(CONTROLS, ' ').replace(DIRECTION_OVERRIDES, '').replace(/\s+/gu, ' ').trim();
}

/** Cuts between two characters as people see them, emoji included. */
export function shortened(text: string, characters: number): string {
  const seen = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  return seen.length <= characters ? text : `${seen.slice(0, characters - 1).join('')}…`;
}
