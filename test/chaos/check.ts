export interface Check {
  readonly name: string;
  /** How many things were looked at. */
  readonly count: number;
  /** What is wrong; empty when it holds. */
  readonly wrong: readonly string[];
}
