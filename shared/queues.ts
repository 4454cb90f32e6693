/** The queues: every job's name and payload, how one is added, and a worker that must handle them all. */
import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { KEY_PREFIX } from './redis.ts';

/** Payloads by queue and job name. They hold ids, never bytes, and a version, so that two releases can run at once. */
const payloads = {
  transcode: {
    render: z.object({ version: z.literal(1), batch: z.string(), upload: z.string() }),
  },
  notification: {
    'batch-finished': z.object({ version: z.literal(1), batch: z.string() }),
  },
} as const;

type Payloads = typeof payloads;
export type QueueName = keyof Payloads;
type JobName<Q extends QueueName> = keyof Payloads[Q] & string;
export type Payload<Q extends QueueName, N extends JobName<Q>> = Payloads[Q][N] extends z.ZodType<infer T> ? T : never;

/** One handler for every job name of a queue: leaving one out does not compile. */
export type Handlers<Q extends QueueName, Context> = {
  readonly [N in JobName<Q>]: (payload: Payload<Q, N>, context: Context) => Promise<void>;
};

export function openQueue(name: QueueName, connection: Redis): Queue {
  const queue = new Queue(name, { connection, prefix: KEY_PREFIX });
  // The connection logs its own errors; a queue without a listener prints them a second time.
  queue.on('error', () => {});
  return queue;
}

/** Finished jobs are kept for a while, so that a repeated add with the same id stays a repeat. */
const KEEP_COMPLETED = { age: 7 * 86_400, count: 5000 };

export const jobOptions = {
  /** The upload's id is the job's id: adding twice is adding once. */
  transcode: (upload: string) => ({
    jobId: upload,
    attempts: 1,
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: false,
  }),
  notification: (batch: string) => ({
    jobId: `notify-${batch}`,
    // 2 s, 4 s … 34 min: a mail server may be away for an hour before the operator must ask for the mail again.
    attempts: 11,
    backoff: { type: 'exponential', delay: 2000, jitter: 0.3 },
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: false,
  }),
};

/** Asks for the mail of a finished batch; asking twice is asking once. */
export async function announceFinished(notification: Queue, batch: string): Promise<void> {
  const payload: Payload<'notification', 'batch-finished'> = { version: 1, batch };
  await notification.add('batch-finished', payload, jobOptions.notification(batch));
}

/**
 * Finds the handler of a job and hands it the parsed payload.
 * @throws ZodError when the payload does not parse, Error when nobody knows the job's name.
 */
export async function dispatch<Q extends QueueName, Context>(
  queue: Q,
  handlers: Handlers<Q, Context>,
  job: Pick<Job, 'name' | 'data'>,
  context: Context,
): Promise<void> {
  const schemas: Record<string, z.ZodType> = payloads[queue];
  const schema = schemas[job.name];
  if (!schema) throw new Error(`queue ${queue} has no job named ${job.name}`);
  const handle = handlers[job.name as JobName<Q>] as (payload: unknown, context: Context) => Promise<void>;
  await handle(schema.parse(job.data), context);
}
