/** What lies in a store. */
import type { Storage } from '../../shared/storage/storage.ts';

export async function listKeys(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}
