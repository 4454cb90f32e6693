/**
 * The ledger: batches and uploads in Redis, changed only by the small Lua scripts of this folder, one transition a file.
 * Every script is set-based: repeating it changes nothing. Times come from Redis, in ms since 1970.
 */
import { readFileSync } from 'node:fs';
import { createIORedisClient, type IRedisClient, type IRedisTransaction } from 'bullmq';
import type { Redis } from 'ioredis';

export interface Ledger {
  readonly redis: Redis;
  /** The same connection as BullMQ sees it, so that ledger and queue can share a transaction. */
  readonly scripts: IRedisClient;
}

export function openLedger(redis: Redis): Ledger {
  return { redis, scripts: createIORedisClient(redis) };
}

export interface Script {
  readonly name: string;
  readonly lua: string;
  readonly numberOfKeys: number;
}

/** Loads the `.lua` file that stands beside its typed wrapper. Its header says what it does and returns. */
export function loadScript(file: URL, numberOfKeys: number): Script {
  const name = `ledger:${file.pathname.split('/').at(-1)}`;
  return { name, lua: readFileSync(file, 'utf8'), numberOfKeys };
}

/** Runs a script now. */
export function runScript(
  ledger: Ledger,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  defineOnce(ledger, script);
  return ledger.scripts.runCommand(script.name, [...keys, ...args]);
}

/** Puts a script into a transaction; its reply is the next element of what `exec` answers. */
export function addScript(
  ledger: Ledger,
  transaction: IRedisTransaction,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): void {
  defineOnce(ledger, script);
  transaction.runCommand(script.name, [...keys, ...args]);
}

const defined = new WeakMap<Redis, Set<string>>();

function defineOnce({ redis, scripts }: Ledger, script: Script): void {
  const names = defined.get(redis) ?? new Set();
  if (names.has(script.name)) return;
  scripts.defineCommand(script.name, { numberOfKeys: script.numberOfKeys, lua: script.lua });
  defined.set(redis, names.add(script.name));
}
