/** A house in which three uploads of an open batch wait, and nobody works: for what keeping it in order does. */
import { Readable } from 'node:stream';
import type { Household } from '../../services/notification/maintenance/household.ts';
import { Client } from './client.ts';
import { startDoor, type TestDoor } from './door.ts';
import { householdOf } from './household.ts';
import { mp4Like } from './samples.ts';

const instructor = 'ada@example.org';

/** As the transcoder asks for it. */
export const settling = (id: string, batch: string) => ({
  upload: { id, batch, round: 0 },
  run: undefined,
  keepOriginalsDays: 7,
});

export interface Setting {
  readonly door: TestDoor;
  readonly client: Client;
  readonly household: Household;
  readonly batch: string;
  /** Ids, in upload order. */
  readonly uploads: readonly string[];
}

/** A door with an open batch of three uploads that wait. */
export async function inHouse(use: (setting: Setting) => Promise<void>): Promise<void> {
  await using door = await startDoor();
  const client = new Client(door.url);
  const batch = (await client.openBatch({ instructor })).body.id;
  const uploads: string[] = [];
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) {
    uploads.push((await client.putUpload(batch, name, mp4Like(200))).body.id);
  }
  const household = householdOf(door);
  await use({ door, client, household, batch, uploads });
}

/** Everything counts as old. */
export const impatient = (household: Household): Household => ({
  ...household,
  config: { ...household.config, upkeep: { ...household.config.upkeep, unownedAfterMs: -1000 } },
});

/** Stores an object of one byte. */
export const write = (door: TestDoor, key: string) =>
  door.storage.write(key, Readable.from(['x']), { contentType: 'video/mp4' });
