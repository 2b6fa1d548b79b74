type Step = () => unknown;

/** What has to be undone at the end, however it ends: the last first, each once. */
export class Cleanup {
  private readonly steps: Step[] = [];
  private running: Promise<void> | undefined;

  add(step: Step): void {
    this.steps.push(step);
  }

  /** There is nothing left to undo of this one. */
  forget(step: Step): void {
    this.steps.splice(this.steps.lastIndexOf(step), 1);
  }

  /** May be called again. A step that fails is told, and does not keep the others from running. */
  run(): Promise<void> {
    this.running ??= this.undo();
    return this.running;
  }

  private async undo(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        process.stderr.write(`while cleaning up: ${error}\n`);
      }
    }
  }
}
