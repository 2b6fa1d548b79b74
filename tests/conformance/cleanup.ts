/** Registers a function that runs after the last test of a suite. */
export type OnCleanup = (close: () => unknown) => void;

/** What a suite has to close after its last test. */
export class Cleanup {
  private readonly functions: (() => unknown)[] = [];

  readonly add: OnCleanup = (close) => {
    this.functions.push(close);
  };

  /** Runs the functions, the last one first. */
  readonly run = async (): Promise<void> => {
    for (const close of this.functions.reverse()) await close();
  };
}
