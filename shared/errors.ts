/**
 * The one error family of the house. An error is typed by what should happen next, and its message can be acted on
 * by the person who reads it.
 */

/** The caller is told no: the request is answered with `status` and `message`, and nothing is kept. */
export class Refusal extends Error {
  readonly status: number;
  /** After which it is worth asking again, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  /** @param status HTTP status, 4xx or 5xx. @param detail what is wrong and what to do about it, one sentence. */
  constructor(status: number, detail: string, options?: ErrorOptions & { readonly retryAfterSeconds?: number }) {
    super(detail, options);
    this.name = 'Refusal';
    this.status = status;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** The file itself cannot be rendered; if `certain`, trying the same again gives the same. `message` is the reason its owner reads. */
export class FileFault extends Error {
  /** What the tool said last (ffmpeg's or libvips' own words), for the operator. */
  readonly toolOutput: string | undefined;
  /**
   * False when the converter crashed or ran out of time: that suggests the file, but the machine may have been the cause,
   * so one more try in place is worth it.
   */
  readonly certain: boolean;

  constructor(reason: string, toolOutput?: string, options?: ErrorOptions & { readonly certain?: boolean }) {
    super(reason, options);
    this.name = 'FileFault';
    this.toolOutput = toolOutput;
    this.certain = options?.certain ?? true;
  }
}

/** What a store said no with: `away` and `no-space` pass with time, `refused` needs the operator. */
export type StorageTrouble = 'away' | 'refused' | 'no-space' | 'not-found';

/** Storage could not do what was asked. Made by the drivers only, so that callers never see a vendor's error. */
export class StorageError extends Error {
  readonly trouble: StorageTrouble;

  constructor(trouble: StorageTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.trouble = trouble;
  }
}

/** A setting is missing or wrong. `message` holds one line for each. */
export class Misconfigured extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misconfigured';
  }
}
