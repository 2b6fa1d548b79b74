/** A value that its constructor refuses. The message is one sentence: the field, then the rule. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';

  constructor(
    /** The domain's name of the value, such as `title`. */
    readonly field: string,
    /** What the value has to be, without its name: `must be 1 to 200 characters`. */
    readonly rule: string,
  ) {
    super(`${field} ${rule}`);
  }
}

/** The owner has no such task. The message is the same whether or not another user has it. */
export class TaskNotFound extends Error {
  override readonly name = 'TaskNotFound';

  constructor() {
    super('Task not found');
  }
}
