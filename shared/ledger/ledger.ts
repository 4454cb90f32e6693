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
  const script = { name, lua: readFileSync(file, 'utf8'), numberOfKeys };
  loaded.push(script);
  return script;
}

const loaded: Script[] = [];

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

/** One command's answer in a transaction: its error, or its value. */
export type Answer = readonly [error: Error | null, value: unknown];

/**
 * Runs what `add` puts into a MULTI, scripts of the ledger and jobs of the queues alike.
 * A Redis that has forgotten our scripts (SCRIPT FLUSH) refuses them one by one and applies the rest, so they are loaded
 * and the transaction is run again: all that is put into one must bear to be repeated.
 * @returns an answer for each command, in order.
 */
export async function transact(
  ledger: Ledger,
  add: (transaction: IRedisTransaction) => void | Promise<void>,
): Promise<readonly Answer[]> {
  const answers = await runTransaction(ledger, add);
  if (!answers.some(([error]) => error?.message.startsWith('NOSCRIPT'))) return answers;
  for (const { lua } of loaded) await ledger.redis.script('LOAD', lua);
  return runTransaction(ledger, add);
}

async function runTransaction(
  ledger: Ledger,
  add: (transaction: IRedisTransaction) => void | Promise<void>,
): Promise<readonly Answer[]> {
  // ioredis gives a transaction those scripts only that were defined before it began.
  for (const script of loaded) defineOnce(ledger, script);
  const transaction = ledger.scripts.multi();
  await add(transaction);
  const answers = await transaction.exec();
  if (!answers) throw new Error('Redis dropped the transaction');
  return answers;
}

/** @throws the command's error, also when there is no answer. */
export function answered(answer: Answer | undefined): unknown {
  const [error, value] = answer ?? [new Error('Redis answered less than it was asked'), undefined];
  if (error) throw error;
  return value;
}

/** Puts a script into a transaction; its reply is the next element of what `exec` answers. */
export function addScript(
  transaction: IRedisTransaction,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): void {
  transaction.runCommand(script.name, [...keys, ...args]);
}

const defined = new WeakMap<Redis, Set<string>>();

function defineOnce({ redis, scripts }: Ledger, script: Script): void {
  const names = defined.get(redis) ?? new Set();
  if (names.has(script.name)) return;
  scripts.defineCommand(script.name, { numberOfKeys: script.numberOfKeys, lua: script.lua });
  defined.set(redis, names.add(script.name));
}
