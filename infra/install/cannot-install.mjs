/** Something is missing and the launcher may not or cannot install it. `message` says what to do, one line for each thing. */
export class CannotInstall extends Error {}
