/** A request whose answer is judged by its status, its Retry-After and how soon it came. */
import { z } from 'zod';

export interface Said {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly detail: string;
  readonly tookMs: number;
}

export async function ask(
  door: { readonly url: string },
  method: string,
  path: string,
  init: RequestInit = {},
): Promise<Said> {
  const begun = performance.now();
  const response = await fetch(door.url + path, { method, ...init });
  const { detail = '' } = z.object({ detail: z.string().optional() }).parse(await response.json());
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, retryAfter, detail, tookMs: performance.now() - begun };
}

export const json = (body: object): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});
