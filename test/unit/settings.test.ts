/** Every setting is in README's table, and reaches the containers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SETTINGS } from '../../shared/config.ts';
import { ROOT } from '../support/command-process.ts';

/** In containers these are given by the image, or by compose to each service as it needs. */
const NOT_FOR_COMPOSE = ['DATA_DIR', 'S3_REGION', 'S3_SESSION_TOKEN', 'WORKER_NAME'];

it("each is in README's table", async () => {
  const rows = (await readFile(join(ROOT, 'README.md'), 'utf8')).split('\n').filter((line) => line.startsWith('| `'));
  const named = new Set(
    rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)),
  );
  expect(SETTINGS.filter((name) => !named.has(name))).toEqual([]);
});

it('each that a container takes is handed to one', async () => {
  const compose = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
  const dockerfile = await readFile(join(ROOT, 'infra/docker/Dockerfile'), 'utf8');
  const given = (name: string) => new RegExp(`\\b${name}[:=]`).test(compose + dockerfile);
  expect(SETTINGS.filter((name) => !given(name))).toEqual(NOT_FOR_COMPOSE);
});
