/** An open, empty batch and a client to fill it. */
import { Client } from './client.ts';
import type { TestDoor } from './door.ts';

export async function openBatch(door: TestDoor): Promise<{ client: Client; id: string }> {
  const client = new Client(door.url);
  return { client, id: (await client.openBatch({ instructor: 'ada@example.org' })).body.id };
}
