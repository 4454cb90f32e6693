/** `npm start`: keeps the embedded stack up until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import { join } from 'node:path';
import type { StorageConfig } from '../../shared/config.ts';
import { runCommand } from './command.ts';
import { type Stack, startStack } from './stack.ts';

await runCommand(async (stop) => {
  await using stack = await startStack({ env: process.env, say: console.error, signal: stop });
  console.log(`ready ${stack.url}`);
  console.log(whereThingsAre(stack));
  const end = AbortSignal.any([stop, stack.broken]);
  if (!end.aborted) await once(end, 'abort');
  stack.broken.throwIfAborted();
  console.log('stopping');
  return 0;
}, 0);

function whereThingsAre({ config, mail }: Stack): string {
  return [
    `mails  ${mail ? `${mail.url} (files in ${mail.directory})` : 'go to the server named by SMTP_URL'}`,
    `media  ${mediaPlace(config.storage)}`,
    `logs   ${join(config.dataDir, 'log')}`,
  ].join('\n');
}

function mediaPlace(storage: StorageConfig): string {
  return storage.driver === 'disk' ? join(storage.directory, 'media') : `media/ in the bucket ${storage.bucket}`;
}
