/** What stands in .env reaches the services; without it nothing starts. */

import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { compose } from './docker.ts';
import { composeHouse } from './house.ts';
import { smallImage } from './media.ts';

const SECRETS = ['REDIS_PASSWORD', 'MINIO_ROOT_PASSWORD', 'S3_SECRET_ACCESS_KEY'];

describe('the settings of docker compose', needs.compose, () => {
  it('are missing: it says which command writes them, and starts nothing', async () => {
    await using directory = await temporaryDirectory();
    const project = { name: 'projectionist-without-settings', envFile: join(directory.path, '.env') };
    for (const given of ['', ...SECRETS]) {
      const lines = SECRETS.filter((name) => name !== given && given !== '').map((name) => `${name}=x\n`);
      await writeFile(project.envFile, lines.join(''));
      const started = compose(project, ['up', '--detach'], 30_000);
      await expect(started).rejects.toThrow(/is missing a value: run npm run compose:init/);
    }
  });

  it('reach the services', async () => {
    const house = await composeHouse();
    const before = house.settings;
    onTestFinished(async () => {
      await writeFile(
        house.project.envFile,
        Object.entries(before)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      );
      await house.compose('up', '--detach', '--wait');
    });
    const image = await smallImage('slide.png');
    await appendFile(
      house.project.envFile,
      `MEDIA_DELIVERY=redirect\nMAX_FILE_BYTES=${image.content.length}\nOPERATOR_EMAIL=operator@example.org\n`,
    );
    await house.compose('up', '--detach', '--wait');

    const { body } = await house.client.sendBatch({ instructor: 'ada@example.org' }, [image]);
    const tooLarge = { name: 'large.png', content: Buffer.concat([image.content, Buffer.alloc(1)]) };
    await expect(house.client.sendBatch({ instructor: 'ada@example.org' }, [tooLarge])).rejects.toThrow(/^413/);
    const [variant] = (await house.notified(body.id)).uploads[0]?.variants ?? [];
    const { headers } = await fetch(house.url + variant?.url, { redirect: 'manual' });
    const address = new URL(String(headers.get('location')));
    expect(address.host).toBe(`localhost:${before['S3_PORT']}`);
    expect((await (await fetch(address)).arrayBuffer()).byteLength).toBe(variant?.bytes);
  });
});
