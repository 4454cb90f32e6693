/** What the door says of its routes. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startDoor } from '../support/door.ts';

describe('documents', () => {
  it('describe every route with its bodies and answers', async () => {
    await using door = await startDoor();
    const document = await (await fetch(`${door.url}/v1/openapi.json`)).json();
    const { paths } = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(document);
    const answers = z.object({ responses: z.record(z.string(), z.unknown()) });
    const unforeseen = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) =>
        '5XX' in answers.parse(operation).responses ? [] : [`${method} ${path}`],
      ),
    );
    expect(unforeseen.sort()).toEqual(['get /admin/health', 'get /healthz', 'get /metrics', 'get /readyz']);
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(operations.sort()).toEqual([
      'delete /admin/dead-letters/{id}',
      'get /admin/dead-letters',
      'get /admin/dead-letters/{id}',
      'get /admin/health',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/batches/{id}',
      'get /v1/media/{upload}/{file}',
      'get /v1/uploads/{id}',
      'head /v1/media/{upload}/{file}',
      'post /admin/dead-letters/{id}/replay',
      'post /admin/queue/pause',
      'post /admin/queue/resume',
      'post /v1/batches',
      'post /v1/batches/{id}/seal',
      'post /v1/batches/{id}/uploads',
      'put /v1/batches/{id}/uploads/{name}',
    ]);
    expect(paths['/v1/batches']?.['post']).toMatchObject({
      requestBody: {
        content: {
          'application/json': { schema: { required: ['instructor'] } },
          'multipart/form-data': { schema: { required: ['instructor', 'file'] } },
        },
      },
      responses: { 201: expect.anything(), 202: expect.anything(), '4XX': expect.anything() },
    });
    expect(document).toMatchObject({
      components: {
        schemas: { Upload: { properties: { state: { enum: ['queued', 'processing', 'ready', 'failed'] } } } },
      },
    });
  });

  it('have a page', async () => {
    await using door = await startDoor();
    const page = await fetch(`${door.url}/docs`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('swagger');
  });
});
