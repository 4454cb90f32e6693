/** The whole house for one test: the embedded stack in a temporary directory, its API, its store, its mails. */
import { join } from 'node:path';
import type { ParsedMail } from 'mailparser';
import { startStack } from '../../infra/local/stack.ts';
import type { BatchView } from '../../services/upload/views.ts';
import { openStorage } from '../../shared/storage/open.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { Client } from './client.ts';
import { compileCache } from './compile-cache.ts';
import { eventually } from './eventually.ts';
import { caughtMails } from './mails.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface House extends AsyncDisposable {
  readonly url: string;
  readonly client: Client;
  readonly dataDir: string;
  readonly storage: Storage;
  /** What the services run with, to start one more of them. */
  readonly env: Readonly<Record<string, string>>;
  mails(): Promise<ParsedMail[]>;
  /** Waits until the batch's mail has been sent. */
  notified(batch: string, withinMs?: number): Promise<BatchView>;
}

const NOTIFIED_WITHIN_MS = 50_000;

/**
 * @param env settings, such as those that name a store (drivers.ts); a DATA_DIR among them is used and kept, else there is
 *   one for this house only.
 */
export async function startHouse(env: Readonly<Record<string, string>> = {}): Promise<House> {
  await using owned = new AsyncDisposableStack();
  const dataDir = env['DATA_DIR'] ?? join(owned.use(await temporaryDirectory()).path, 'data');
  const stack = owned.use(
    await startStack({ env: { PATH: process.env['PATH'], ...compileCache, ...env, DATA_DIR: dataDir }, say: () => {} }),
  );
  const client = new Client(stack.url);
  const storage = await openStorage(stack.config.storage);
  owned.defer(() => storage.close());
  const running = owned.move();
  return {
    url: stack.url,
    client,
    dataDir,
    env: { ...env, DATA_DIR: dataDir, REDIS_URL: stack.config.redisUrl },
    storage,
    mails: () => caughtMails(join(dataDir, 'mail')),
    notified: (batch, withinMs = NOTIFIED_WITHIN_MS) =>
      eventually(
        async () => {
          const { body } = await client.readBatch(batch);
          if (body.notifiedAt === undefined) throw new Error(`no mail yet: ${JSON.stringify(body, null, 1)}`);
          return body;
        },
        { within: withinMs },
      ),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
