import type { Reporter, TestModule } from 'vitest/node';

/** Prints one last line with the counts, for people and programs that read only the end of the output. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (wanted: string) => states.filter((state) => state === wanted).length;
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length;
    const summary = `${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped`;
    process.once('exit', () => process.stdout.write(`Tests: ${summary}\n`));
  }
}
