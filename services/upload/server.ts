/** The door: every route, its limits, and how its errors are answered. */
import multipart from '@fastify/multipart';
import { type FastifyError, fastify, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from '../../shared/logger.ts';
import { admission } from './admission.ts';
import { noteHandlers } from './close-server.ts';
import { serveDocs } from './docs.ts';
import type { Door, Server } from './door.ts';
import { logIds } from './log-ids.ts';
import { guardLoopback } from './loopback-guard.ts';
import { answerBrokenRequest, answerProblem, sendProblem } from './problem.ts';
import { addUploads } from './routes/add-uploads.ts';
import { deadLetters } from './routes/admin/dead-letters.ts';
import { dropLetter } from './routes/admin/drop.ts';
import { houseState } from './routes/admin/health.ts';
import { pauseQueue } from './routes/admin/pause.ts';
import { replay } from './routes/admin/replay.ts';
import { createBatch } from './routes/create-batch.ts';
import { health } from './routes/health.ts';
import { media } from './routes/media.ts';
import { metrics } from './routes/metrics.ts';
import { putUpload } from './routes/put-upload.ts';
import { readBatch } from './routes/read-batch.ts';
import { readUpload } from './routes/read-upload.ts';
import { sealBatch } from './routes/seal-batch.ts';

/** A connection on which nothing moves for so long is closed: a body may be slow, but not stand still. */
const IDLE_TIMEOUT_MS = 120_000;

/** A name of 1,000 characters, each percent-encoded in up to 12; find-my-way's default of 100 would answer 404. */
const MAX_PARAM_LENGTH = 12_000;

const routes = [
  ...[createBatch, addUploads, putUpload, sealBatch, readBatch, readUpload, media],
  ...[deadLetters, replay, dropLetter, pauseQueue, houseState],
  ...[health, metrics],
];

/** Probes and scrapes come every few seconds and say nothing. */
const UNLOGGED = new Set(['/healthz', '/readyz', '/metrics']);

export async function buildServer(door: Door, log: Logger): Promise<Server> {
  const server = fastify({
    loggerInstance: log,
    connectionTimeout: IDLE_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
    logController: new LogController({ disableRequestLogging: ({ url }) => UNLOGGED.has(url) }),
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error: FastifyError, request, reply) => {
    door.lookout.noteFailure(error);
    answerProblem(error, request, reply);
  });
  server.setNotFoundHandler((request, reply) => {
    sendProblem(reply, 404, `There is nothing at ${request.method} ${request.url}. See /docs.`);
  });
  server.addHook('onRequest', logIds);
  server.addHook('onRequest', guardLoopback(door.config));
  server.addHook('onRequest', admission(door));
  noteHandlers(server);
  await server.register(multipart);
  parseJson(server);
  await serveDocs(server);
  for (const route of routes) await server.register(route(door));
  return server;
}

/** Many clients name a JSON body also where they send none, as to seal a batch: that is no body, and no error. */
function parseJson(server: Server): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.trim() === '') done(null, undefined);
    else parse(request, body, done);
  });
}
