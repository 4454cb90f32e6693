/** `npm start [-- --minio]`: keeps the embedded stack up until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { readCommandLine } from './command-line.ts';
import { browsePage } from './private-minio.ts';
import { type Stack, startStack } from './stack.ts';

await runCommand(async (stop) => {
  const { minio } = readCommandLine(process.argv.slice(2), 'npm start [-- --minio]', { files: false });
  await using stack = await startStack({ env: process.env, minio, say: console.error, signal: stop });
  console.log(`ready ${stack.url}`);
  console.log(whereThingsAre(stack));
  const end = AbortSignal.any([stop, stack.broken]);
  if (!end.aborted) await once(end, 'abort');
  stack.broken.throwIfAborted();
  console.log('stopping');
  return 0;
}, 0);

function whereThingsAre(stack: Stack): string {
  const { config, mail, console: minio } = stack;
  const login = minio && `console  ${minio.url} (user ${minio.user}, password in ${minio.passwordFile})`;
  return [
    `mails  ${mail ? `${mail.url} (files in ${mail.directory})` : 'go to the server named by SMTP_URL'}`,
    `media  ${mediaPlace(stack)}`,
    ...(login ? [login] : []),
    `logs   ${join(config.dataDir, 'log')}`,
  ].join('\n');
}

function mediaPlace({ config: { storage }, console: minio }: Stack): string {
  if (storage.driver === 'disk') return join(storage.directory, 'media');
  return minio ? browsePage(minio, storage.mediaBucket, 'media/') : `media/ in the bucket ${storage.mediaBucket}`;
}
