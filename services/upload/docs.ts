/** The OpenAPI document at /v1/openapi.json and the page at /docs, made from the schemas beside the routes. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Server } from './door.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Schemas of the request body by content type, for the document: the route reads and checks the body itself. */
    bodies?: Readonly<Record<string, z.ZodType>>;
  }
}

/** A route's config that documents a body which Fastify does not parse. */
export const requestBody = (bodies: Readonly<Record<string, z.ZodType>>) => ({ bodies });

export async function serveDocs(server: Server): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Projectionist',
        version: '1',
        description: 'Videos and images in, 360p to 1080p out, in upload order. Errors are problem+json (RFC 9457).',
      },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const bodies = input.route.config?.bodies;
      return bodies ? { schema: { ...schema, body: { content: bodyContent(bodies) } }, url } : { schema, url };
    },
    transformObject: jsonSchemaTransformObject,
  });
  await server.register(swaggerUi, { routePrefix: '/docs' });
  server.get('/v1/openapi.json', { schema: { hide: true }, config: { needsNothing: true } }, async () =>
    server.swagger(),
  );
}

function bodyContent(bodies: Readonly<Record<string, z.ZodType>>) {
  return Object.fromEntries(
    Object.entries(bodies).map(([contentType, schema]) => {
      const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [contentType, { schema: json }];
    }),
  );
}
