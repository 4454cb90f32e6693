/** The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header): a request sent again makes nothing twice. */
import { Refusal } from '../../../shared/errors.ts';

const MAX_KEY_LENGTH = 255;

/**
 * Names a request by what it is about and its client's key. A key counts for one target only, so that two instructors
 * who chose the same key do not meet.
 * @returns undefined when the request has no key.
 * @throws Refusal 400 when the key is empty or too long.
 */
export function requestName(header: string | string[] | undefined, ...target: (string | number)[]): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || header === '' || header.length > MAX_KEY_LENGTH) {
    throw new Refusal(400, `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  return JSON.stringify([...target, header]);
}
