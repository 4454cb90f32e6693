/** Sends the file in every way, round after round, and measures each time. */
import { pause } from '../../../infra/local/pause.ts';
import type { Bench } from './bench.ts';
import type { Input } from './input.ts';
import { cpuSeconds } from './process-usage.ts';
import { sendingBy } from './sendings.ts';
import { WAYS, type Way } from './ways.ts';

/** MinIO frees the space of removed objects in the background. */
const REST_MS = 500;

const ROLES = ['client', 'service', 'minio'] as const;
export type Role = (typeof ROLES)[number];

export interface Measurement {
  readonly seconds: number;
  /** Processor time that each process spent meanwhile, in seconds. */
  readonly cpu: Readonly<Record<Role, number>>;
}

/** Of each way, one measurement a round. */
export type Measurements = Readonly<Record<Way, readonly Measurement[]>>;

/** A round that does not count is made first: it warms up every process. */
export async function runRounds(
  bench: Bench,
  input: Input,
  rounds: number,
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<Measurements> {
  const measurements: Record<Way, Measurement[]> = { direct: [], raw: [], multipart: [], chunked: [] };
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const way of inOrderOf(round)) {
      const measurement = await measure(bench, input, way, stop);
      if (round > 0) measurements[way].push(measurement);
    }
  }
  return measurements;
}

/** Each round begins with another way, so that none is always the first. */
function inOrderOf(round: number): Way[] {
  const first = round % WAYS.length;
  return [...WAYS.slice(first), ...WAYS.slice(0, first)];
}

async function measure(bench: Bench, input: Input, way: Way, stop: AbortSignal): Promise<Measurement> {
  const sending = await sendingBy(way, bench.service.address, input);
  const before = await cpuOf(bench);
  const seconds = await bench.client.send(sending, stop);
  const after = await cpuOf(bench);
  await removeStored(bench, input, way);
  await pause(REST_MS, stop);
  const spent = (role: Role) => after[role] - before[role];
  return { seconds, cpu: { client: spent('client'), service: spent('service'), minio: spent('minio') } };
}

async function cpuOf({ client, service, minio }: Bench): Promise<Record<Role, number>> {
  return {
    client: await cpuSeconds(client.pid),
    service: await cpuSeconds(service.pid),
    minio: await cpuSeconds(minio.pid),
  };
}

/** @throws when what was stored is not one object of the file's length: then the time says nothing. */
async function removeStored({ storage }: Bench, input: Input, way: Way): Promise<void> {
  const sizes: number[] = [];
  for await (const { key, bytes } of storage.list('originals/')) {
    sizes.push(bytes);
    await storage.remove(key);
  }
  if (sizes.length !== 1 || sizes[0] !== input.bytes) {
    throw new Error(`${way}: ${input.bytes} bytes were sent, stored are ${sizes.join(', ') || 'none'}`);
  }
}
