/**
 * The end of a test run: every skipped test by name with why, then one line of counts for machines to read,
 * `N passed, N failed, N skipped`, with nothing after it.
 */
import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest) {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState('skipped');
    // A file that does not load has no failed test, and must not look like a success.
    const unloaded = modules.filter((module) => module.errors().length > 0);
    const failed = inState('failed').length + unloaded.length + errors.length;
    const lines = [
      ...skipped.map((test) => `skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${this.#why(test)}`),
      `${inState('passed').length} passed, ${failed} failed, ${skipped.length} skipped`,
    ];
    // Other reporters still print after this event; on exit all have spoken.
    process.once('exit', () => process.stdout.write(`\n${lines.join('\n')}\n`));
  }

  #why(test: TestCase): string {
    const result = test.result();
    if (result.state === 'skipped' && result.note !== undefined) return result.note;
    const { needs } = test.meta();
    if (needs !== undefined) return `needs ${needs}`;
    return this.#filtered ? 'left out by the name filter (-t)' : 'no reason given';
  }
}
