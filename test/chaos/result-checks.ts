/** That what was made of each file is what would have been made without any trouble. */
import type { Check } from './check.ts';
import type { Observation } from './observation.ts';
import type { Content } from './plan.ts';
import type { Result } from './results.ts';

export function undisturbedAsMeant(undisturbed: ReadonlyMap<Content, Result>): Check {
  const wrong = [...undisturbed].flatMap(([content, { state, reason, warning, variants }]) => {
    const isMeant =
      content === 'noise'
        ? state === 'failed' && Boolean(reason) && variants.length === 0
        : state === 'ready' && variants.length > 0 && Boolean(warning) === (content === 'truncated');
    return isMeant ? [] : [`${content} is ${state}, ${reason ?? warning ?? 'without a word'}: ${variants.join(', ')}`];
  });
  return { name: 'undisturbed, each content becomes what it is meant to', count: undisturbed.size, wrong };
}

export function sameAsUndisturbed(
  { acknowledged, results }: Pick<Observation, 'acknowledged' | 'results'>,
  undisturbed: ReadonlyMap<Content, Result>,
): Check {
  const wrong = acknowledged.flatMap(({ upload, file }) => {
    const [is, should] = [results.get(upload), undisturbed.get(file.content)].map((result) => JSON.stringify(result));
    return is !== undefined && is === should ? [] : [`${file.name}: ${is} instead of ${should}`];
  });
  const variants = [...results.values()].reduce((sum, result) => sum + result.variants.length, 0);
  return { name: `same as undisturbed, by ffprobe or hash of ${variants} variants`, count: acknowledged.length, wrong };
}

export function manifestsAreTrue({ results }: Pick<Observation, 'results'>): Check {
  const wrong = [...results].flatMap(([upload, { untrue }]) => untrue.map((line) => `${upload}: ${line}`));
  return { name: 'manifests say what the bytes are', count: results.size, wrong };
}
