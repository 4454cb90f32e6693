/** The fields of a new batch, as JSON or as a form gives them. */
import { z } from 'zod';
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
