/** The images run the services as the stack and `npm run service:…` do. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { SERVICES, serviceCommand } from '../../infra/local/service-command.ts';

const root = join(import.meta.dirname, '../..');
const stages = readFileSync(join(root, 'infra/docker/Dockerfile'), 'utf8').split(/^FROM /m);

it.each(SERVICES)('the image of %s', (name) => {
  const [, args] = serviceCommand(name);
  const written = args.map((argument) => (argument.startsWith('/') ? relative(root, argument) : argument));
  const stage = stages.find((text) => text.split('\n')[0]?.endsWith(` AS ${name}`));
  expect(JSON.parse(/^CMD (.+)$/m.exec(stage ?? '')?.[1] ?? '')).toEqual(['node', ...written]);
});
