/** Receiving a whole batch in one form: registered, enqueued and sealed in one transaction when the body has ended. */
import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { Refusal } from '../../../shared/errors.ts';
import { completeRecords } from '../../../shared/keep-record.ts';
import { readIdempotent } from '../../../shared/ledger/read.ts';
import { receiving } from '../../../shared/ledger/receiving.ts';
import { type NewUpload, registerBatch } from '../../../shared/ledger/register.ts';
import type { Door } from '../door.ts';
import { recovering } from '../missing.ts';
import type { RefusedFile } from '../views.ts';
import { batchFull } from './accept.ts';
import { checkedName } from './file-name.ts';
import { type FormPart, formParts } from './form.ts';
import { requestName } from './idempotency.ts';
import { type NewBatchFields, parseNewBatch } from './new-batch.ts';
import { receive } from './receive.ts';

export interface ReceivedBatch {
  readonly id: string;
  readonly refused: readonly RefusedFile[];
  /** Whether it stands since an earlier request with the same Idempotency-Key. */
  readonly repeat: boolean;
}

interface Staged {
  readonly id: string;
  readonly fields: NewBatchFields;
  readonly idempotency: string | undefined;
  readonly uploads: NewUpload[];
  readonly refused: RefusedFile[];
}

/**
 * @throws Refusal 400 (no instructor before the first file, no files, cut off) or the first file's refusal when all
 *   were refused; nothing is left then.
 */
export async function receiveBatch(door: Door, request: FastifyRequest): Promise<ReceivedBatch> {
  const fields = new Map<string, string>();
  let staged: Staged | undefined;
  await using received = new AsyncDisposableStack();
  try {
    for await (const part of formParts(request, door.config.maxBatchFiles)) {
      if (part.type === 'field') {
        if (staged) throw new Refusal(400, `The field ${part.name} must come before the first file.`);
        fields.set(part.name, part.value);
        continue;
      }
      if (!staged) {
        staged = begin(fields, request);
        // Its first originals may grow older than what the reconciler takes for nobody's before the body has ended.
        received.use(await receiving(door.ledger, staged.id));
      }
      const earlier = part.index === 0 && staged.idempotency && (await readIdempotent(door.ledger, staged.idempotency));
      if (earlier) {
        await completeRecords(door, earlier);
        return { id: earlier, refused: [], repeat: true };
      }
      await stage(door, staged, part);
    }
    if (!staged) throw new Refusal(400, 'The form has no file. Send at least one, after the fields.');
    const [first] = staged.refused;
    if (first && staged.uploads.length === 0) throw new Refusal(first.status, first.detail);
  } catch (error) {
    await discard(door, staged);
    throw error;
  }
  return await register(door, staged);
}

function begin(fields: ReadonlyMap<string, string>, request: FastifyRequest): Staged {
  if (!fields.has('instructor')) {
    throw new Refusal(400, 'The field instructor (an e-mail address) must come before the first file.');
  }
  const parsed = parseNewBatch(Object.fromEntries(fields));
  const idempotency = requestName(request.headers['idempotency-key'], 'whole batch', parsed.instructor);
  return { id: uuidv7(), fields: parsed, idempotency, uploads: [], refused: [] };
}

async function stage(door: Door, staged: Staged, part: Extract<FormPart, { type: 'file' }>): Promise<void> {
  const { index, body } = part;
  try {
    if (staged.uploads.length >= door.config.maxBatchFiles) throw batchFull(door.config.maxBatchFiles);
    staged.uploads.push(await receive(door, { batch: staged.id, name: checkedName(part.name), body }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    staged.refused.push({ index, name: part.name ?? '', status: error.status, detail: error.message });
  }
}

/** From here on nothing is deleted unless Redis answered: the transaction may have gone through. */
async function register(door: Door, staged: Staged): Promise<ReceivedBatch> {
  const { id, fields, idempotency, uploads, refused } = staged;
  const batch = { id, ...fields, idempotency };
  const registration = await registerBatch(door.ledger, door.transcode, batch, uploads);
  if (registration.outcome !== 'registered') await discard(door, staged);
  if (registration.outcome === 'recovering') throw recovering();
  const standsFor = registration.outcome === 'repeat' ? registration.batch : id;
  await completeRecords(door, standsFor);
  const repeat = standsFor !== id;
  return { id: standsFor, refused: repeat ? [] : refused, repeat };
}

async function discard(door: Door, staged: Staged | undefined): Promise<void> {
  for (const upload of staged?.uploads ?? []) await door.storage.remove(upload.original);
}
