/** What a setting may be: text of the environment, checked, with words for who wrote it. */
import { z } from 'zod';

export const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `expected a whole number from ${from} to ${to}`,
    })
    .transform(Number);

export const url = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    error: `expected a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

export const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: `expected one of ${values.join(', ')}` });

const IMAGE_FORMATS = ['webp', 'jpeg', 'avif', 'png'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** Everybody can read WebP and JPEG, and a PNG is not made of everything. */
export const imageFormats = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine(
    (names) =>
      names.every((name) => IMAGE_FORMATS.some((format) => format === name)) &&
      (names.includes('webp') || names.includes('jpeg')),
    { error: `expected some of ${IMAGE_FORMATS.join(',')}, with webp or jpeg among them` },
  )
  .transform((names) => IMAGE_FORMATS.filter((format) => names.includes(format)));
