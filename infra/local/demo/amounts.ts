/** Amounts as people read them. Pure. */

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** `812 B`, `4.2 MB`; a kB is 1000 bytes. */
export function size(bytes: number): string {
  let amount = bytes;
  let unit = 'B';
  for (const next of UNITS) {
    if (amount < 1000) break;
    amount /= 1000;
    unit = next;
  }
  return `${unit === 'B' || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${unit}`;
}

/** `0:06`, `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
