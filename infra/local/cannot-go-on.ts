/** The command ends for a reason outside of it. `message` says which and what to do about it; nobody needs a stack trace. */
export class CannotGoOn extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotGoOn';
  }
}
