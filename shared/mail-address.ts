/** What the house takes for an e-mail address, at the door and in its settings. */
import { z } from 'zod';

/**
 * One address as browsers accept it in `<input type=email>` (HTML standard 4.10.5.1.5), which includes `name@localhost`.
 * A line break, a list or a display name is refused. 254 characters: RFC 5321 4.5.3.1.3 less the angle brackets.
 */
export const mailAddress = z
  .string({ error: 'expected an e-mail address like name@example.org' })
  .max(254, { error: 'expected an e-mail address of at most 254 characters' })
  .regex(z.regexes.html5Email, { error: 'expected an e-mail address like name@example.org' });
