/** What lies in a store. */
import type { Room, Storage } from '../../shared/storage/storage.ts';

const ROOMS: readonly Room[] = ['media', 'originals', 'records'];

export async function listKeys(storage: Storage, prefix: `${Room}/${string}`): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

export async function listAllKeys(storage: Storage): Promise<string[]> {
  return (await Promise.all(ROOMS.map((room) => listKeys(storage, `${room}/`)))).flat();
}
