/** A multipart form, part by part, in the order in which it arrives. */
import type { Readable } from 'node:stream';
import type {} from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../../shared/errors.ts';
import { formFileName } from './file-name.ts';

/** Fields a form may have beside its files, and the longest value of one, in bytes. */
const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 4096;

/** Files beyond a full batch that are still listed as refused, one by one; more end the request. */
const MAX_SURPLUS_FILES = 100;

export type FormPart =
  | { readonly type: 'field'; readonly name: string; readonly value: string }
  /** `index` counts the files of this form from 0. The body must be read or skipped before the next part comes. */
  | { readonly type: 'file'; readonly index: number; readonly name: string | undefined; readonly body: Readable };

/**
 * @param maxFiles files that may be accepted at most.
 * @throws Refusal 400 when the form is malformed or cut off, 413 when it has far too many parts.
 */
export async function* formParts(request: FastifyRequest, maxFiles: number): AsyncGenerator<FormPart> {
  const parts = request.parts({
    preservePath: true,
    limits: {
      fields: MAX_FIELDS,
      fieldSize: MAX_FIELD_BYTES,
      files: maxFiles + MAX_SURPLUS_FILES,
      parts: maxFiles + MAX_SURPLUS_FILES + MAX_FIELDS,
      fileSize: Number.MAX_SAFE_INTEGER,
    },
  });
  let index = 0;
  try {
    for await (const part of parts) {
      if (part.type === 'file') {
        yield { type: 'file', index: index++, name: formFileName(part.filename), body: part.file };
        part.file.resume();
      } else if (typeof part.value !== 'string' || part.valueTruncated) {
        throw new Refusal(400, `The field ${part.fieldname} must be a text of at most ${MAX_FIELD_BYTES} bytes.`);
      } else {
        yield { type: 'field', name: part.fieldname, value: part.value };
      }
    }
  } catch (error) {
    throw error instanceof Refusal ? error : malformed(error);
  } finally {
    // What is left of the body is skipped, so that the client can finish sending and read the answer.
    request.raw.unpipe();
    request.raw.resume();
  }
}

function malformed(error: unknown): Refusal {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code.endsWith('_LIMIT')) {
    return new Refusal(413, 'The form has too many parts. Send fewer files at once.', { cause: error });
  }
  const said = error instanceof Error ? error.message : String(error);
  return new Refusal(400, `The form could not be read: ${said}. Send it again.`, { cause: error });
}
