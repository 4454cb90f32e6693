/** The stack and `npm run service:…` start a service in the same way. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { SERVICES, serviceCommand } from '../../infra/local/service-command.ts';

const root = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

it.each(SERVICES)('service:%s', (name) => {
  const [, args] = serviceCommand(name);
  const written = args.map((argument) => (argument.startsWith('/') ? relative(root, argument) : argument));
  expect(scripts[`service:${name}`]).toBe(['node', ...written].join(' '));
});
