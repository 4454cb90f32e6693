import { expect, test } from 'vitest';
import { localUrl } from '../../infra/local/address.ts';
import { readable } from '../../infra/local/log-tail.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://127.0.0.1:8080'],
  ['::1', 'http://[::1]:8080'],
  ['media.example', 'http://media.example:8080'],
])('a service that listens on %s is reached at %s', (host, url) => {
  expect(localUrl(host, 8080)).toBe(url);
});

test.each([
  ['{"level":50,"msg":"Redis: connect ECONNREFUSED"}', 'Redis: connect ECONNREFUSED'],
  ['{"level":50}', '{"level":50}'],
  ['{ not JSON', '{ not JSON'],
  ['Error: plain words', 'Error: plain words'],
])('the log line %s is shown as %s', (line, shown) => {
  expect(readable(line)).toBe(shown);
});
