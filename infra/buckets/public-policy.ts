/** Bucket policies that let strangers in. Pure. */
import { z } from 'zod';

const oneOrMore = z.union([z.string(), z.array(z.string())]);

const policy = z.looseObject({
  Statement: z.array(
    z.looseObject({
      Effect: z.string(),
      Principal: z.union([z.string(), z.record(z.string(), oneOrMore)]).optional(),
      Condition: z.unknown().optional(),
    }),
  ),
});

type Statement = z.infer<typeof policy>['Statement'][number];

/**
 * The policy without the statements that let anybody in; those with a condition stay, as they may be meant for one network.
 * @param text a bucket policy as S3 stores it, JSON.
 * @returns undefined where the policy lets nobody in; the empty string, which removes it, where nothing is left.
 */
export function withoutPublicStatements(text: string): string | undefined {
  const parsed = policy.parse(JSON.parse(text));
  const kept = parsed.Statement.filter((statement) => !letsAnybodyIn(statement));
  if (kept.length === parsed.Statement.length) return undefined;
  return kept.length === 0 ? '' : JSON.stringify({ ...parsed, Statement: kept });
}

function letsAnybodyIn({ Effect, Principal, Condition }: Statement): boolean {
  if (Effect !== 'Allow' || Condition !== undefined || Principal === undefined) return false;
  return Principal === '*' || (typeof Principal === 'object' && [Principal['AWS']].flat().includes('*'));
}
