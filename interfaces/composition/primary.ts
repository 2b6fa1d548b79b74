/** What a primary tells a worker: finish what is under way, and end. */
export const DRAIN = 'drain';

/** What a worker tells its primary: where it answers, or why it does not. */
export interface Report {
  readonly listening?: string;
  readonly fault?: string;
}

/** The primary of a worker. */
export interface Primary {
  /** The number that it gave this worker. */
  readonly worker: number;
  tell(report: Report): Promise<void>;
  /** It wants this worker to drain. */
  onDrain(listener: () => void): void;
  /** It is gone. Before somebody asks for this, that ends the worker at once. */
  onGone(listener: () => void): void;
}
