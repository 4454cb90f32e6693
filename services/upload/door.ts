/** What the routes are built from. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Queue } from 'bullmq';
import type { FastifyInstance, FastifyPluginAsync, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from '../../shared/config.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import type { Lookout } from './lookout.ts';

export interface Door {
  readonly config: Pick<
    Config,
    'host' | 'publicUrl' | 'maxFileBytes' | 'maxBatchFiles' | 'mediaDelivery' | 'admission' | 'healthLimits'
  >;
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly transcode: Queue;
  readonly deadLetter: Queue;
  readonly notification: Queue;
  readonly lookout: Lookout;
}

export type Server = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, ZodTypeProvider>;

/** A route, or a few that belong together: one file each, registered by server.ts. */
export type Route = (door: Door) => FastifyPluginAsync<Record<never, never>, RawServerDefault, ZodTypeProvider, Logger>;
