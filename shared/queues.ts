/** The queues: every job's name and payload, how one is added, and a worker that must handle them all. */
import { Job, type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { InstructorMail } from './ledger/instructor-mail.ts';
import { KEY_PREFIX } from './redis.ts';

const version = z.literal(1);
const batch = z.string();
const upload = z.string();
/** From 0; each replay by the operator begins another. */
const round = z.int().default(0);

/** Payloads by queue and job name. They hold ids, never bytes, and a version, so that two releases can run at once. */
const payloads = {
  transcode: {
    render: z.object({ version, batch, upload, round }),
  },
  'dead-letter': {
    'last-try': z.object({ version, batch, upload, round }),
  },
  notification: {
    'batch-finished': z.object({ version, batch }),
    /** A file that was replayed after its batch had finished. */
    'file-settled': z.object({ version, batch, upload, round }),
    /** Tells the operator of all that has come together. */
    'alert-operator': z.object({ version }),
  },
  maintenance: {
    reconcile: z.object({ version }),
    'expire-originals': z.object({ version }),
    'clean-up': z.object({ version }),
    'watch-health': z.object({ version }),
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

/** One round of one upload. */
export interface RenderTurn {
  readonly batch: string;
  /** The upload. */
  readonly id: string;
  readonly round: number;
}

/** The upload's id is the job's id, so that adding twice is adding once; a later round has an id of its own. */
export const renderJobId = ({ id, round }: RenderTurn) => (round === 0 ? id : `${id}-${round}`);

/** The tries are counted in the ledger and made in place: for BullMQ there is one. What failed is kept until it is swept. */
const RENDER: JobsOptions = { attempts: 1, removeOnComplete: KEEP_COMPLETED, removeOnFail: false };

/** A job that is not in the queue yet, to be added within a transaction. */
export function renderJob(transcode: Queue, turn: RenderTurn): Job {
  const jobId = renderJobId(turn);
  return new Job(transcode, 'render', renderPayload(turn), { ...RENDER, jobId }, jobId);
}

/** Adding it twice is adding it once. */
export async function enqueueRender(transcode: Queue, turn: RenderTurn): Promise<void> {
  await transcode.add('render', renderPayload(turn), { ...RENDER, jobId: renderJobId(turn) });
}

/** Asks for the last try of a dead letter. Those that completed are kept, so that two sweepers make one try of it. */
export async function enqueueLastTry(deadLetter: Queue, turn: RenderTurn): Promise<void> {
  await deadLetter.add('last-try', renderPayload(turn), { ...RENDER, jobId: lastTryJobId(turn) });
}

export const lastTryJobId = ({ id, round }: RenderTurn) => `dead-${id}-${round}`;

function renderPayload({ batch, id, round }: RenderTurn): Payload<'transcode', 'render'> {
  return { version: 1, batch, upload: id, round };
}

/** Mails of the instructors come after those for the operator, which have no priority: BullMQ takes them first. */
const MAIL: JobsOptions = {
  priority: 1,
  // 2 s, 4 s … 34 min: a server may be busy for an hour before the operator is told. One that is away costs no attempt.
  attempts: 11,
  backoff: { type: 'exponential', delay: 2000, jitter: 0.3 },
  removeOnComplete: KEEP_COMPLETED,
  removeOnFail: false,
};

/** The mail names the job, so that asking twice is asking once. */
export const mailJobId = ({ batch, file }: InstructorMail) =>
  file ? `notify-${file.id}-${file.round}` : `notify-${batch}`;

/** Asks for the mail of a finished batch; asking twice is asking once. */
export async function announceFinished(notification: Queue, batch: string): Promise<void> {
  const payload: Payload<'notification', 'batch-finished'> = { version: 1, batch };
  await notification.add('batch-finished', payload, { ...MAIL, jobId: mailJobId({ batch }) });
}

/** Asks for the mail about a file that was replayed after its batch had finished. */
export async function announceSettledFile(notification: Queue, turn: RenderTurn): Promise<void> {
  const jobId = mailJobId({ batch: turn.batch, file: turn });
  await notification.add('file-settled', renderPayload(turn), { ...MAIL, jobId });
}

/**
 * Asks for what may be due when an upload of a finished batch has settled: a replayed one may have finished the batch, or
 * have been replayed afterwards. A mail that is not due is not sent.
 */
export async function announceSettled(notification: Queue, turn: RenderTurn): Promise<void> {
  await announceFinished(notification, turn.batch);
  if (turn.round > 0) await announceSettledFile(notification, turn);
}

/** Asks for either. */
export async function announceMail(notification: Queue, { batch, file }: InstructorMail): Promise<void> {
  await (file ? announceSettledFile(notification, { batch, ...file }) : announceFinished(notification, batch));
}

/** Asks for a mail to the operator about all that is noted until then; asking again before it is sent changes nothing. */
export async function announceAlerts(notification: Queue, gatherMs: number): Promise<void> {
  const payload: Payload<'notification', 'alert-operator'> = { version: 1 };
  await notification.add('alert-operator', payload, {
    jobId: 'alert-operator',
    delay: gatherMs,
    attempts: 11,
    backoff: { type: 'exponential', delay: 2000, jitter: 0.3 },
    // Gone when done, in either way, so that the next one can be asked for.
    removeOnComplete: true,
    removeOnFail: true,
  });
}

/** @returns undefined when the payload is not what the job's name says, or nobody knows the name. */
export function parsePayload<Q extends QueueName, N extends JobName<Q>>(
  queue: Q,
  name: N,
  job: Pick<Job, 'name' | 'data'>,
): Payload<Q, N> | undefined {
  const schemas: Record<string, z.ZodType> = payloads[queue];
  const parsed = job.name === name ? schemas[name]?.safeParse(job.data) : undefined;
  return parsed?.success ? (parsed.data as Payload<Q, N>) : undefined;
}

const ids = z.object({
  batch: batch.optional().catch(undefined),
  upload: upload.optional().catch(undefined),
  round: z.int().optional().catch(undefined),
});

/** What a payload is about, also where it is none of this release. */
export const idsOf = (data: unknown): z.infer<typeof ids> => ids.catch({}).parse(data);

/** The payload of a job is of another release, or of nobody: trying it again gives the same. */
export class UnreadablePayload extends Error {
  constructor(queue: QueueName, options: ErrorOptions) {
    super(
      `not a payload of the queue ${queue}: ${options.cause instanceof Error ? options.cause.message : ''}`,
      options,
    );
    this.name = 'UnreadablePayload';
  }
}

/**
 * Finds the handler of a job and hands it the parsed payload.
 * @throws UnreadablePayload, Error when nobody knows the job's name, and what the handler throws.
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
  const payload = schema.safeParse(job.data);
  if (!payload.success) throw new UnreadablePayload(queue, { cause: payload.error });
  await handle(payload.data, context);
}
