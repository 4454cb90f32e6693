/** The fields of a new batch, as JSON or as a form gives them. */
import { z } from 'zod';
import { Refusal } from '../../../shared/errors.ts';
import { mailAddress } from '../../../shared/mail-address.ts';

const UNTITLED = 'Untitled batch';

export const newBatch = z.object({
  instructor: mailAddress.meta({ description: 'Gets the mail when the batch has finished' }),
  title: z
    .string()
    .trim()
    .max(200)
    .regex(/^\P{Cc}*$/u, { error: 'expected one line of text' })
    .transform((title) => title || UNTITLED)
    .default(UNTITLED),
});
export type NewBatchFields = z.infer<typeof newBatch>;

/** @throws Refusal 400, which names each field that is wrong. */
export function parseNewBatch(fields: unknown): NewBatchFields {
  const parsed = newBatch.safeParse(fields);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new Refusal(400, issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '));
}
