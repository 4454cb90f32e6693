import { expect, test } from 'vitest';
import { isInstalled } from '../../infra/install/npm-packages.mjs';

const a = { version: '1.0.0', integrity: 'sha512-a' };
const wanted = {
  packages: { '': { version: '0.1.0' }, 'node_modules/a': a, 'node_modules/for-macos': { ...a, optional: true } },
};

test('what lies in node_modules is enough without packages for other machines', () => {
  expect(isInstalled(wanted, { packages: { 'node_modules/a': a } })).toBe(true);
});

test.each([
  ['is missing', {}],
  ['has another version', { 'node_modules/a': { ...a, version: '1.0.1' } }],
  ['has other contents', { 'node_modules/a': { ...a, integrity: 'sha512-b' } }],
])('it is not when a package %s', (_what, packages) => {
  expect(isInstalled(wanted, { packages })).toBe(false);
});
