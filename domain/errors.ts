/** A value that its constructor refuses. The message is one sentence: the field, then the rule. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
  readonly kind = 'validation_error';

  constructor(
    /** The domain's name of the value, such as `title`. */
    readonly field: string,
    /** What the value has to be, without its name: `must be 1 to 200 characters`. */
    readonly rule: string,
  ) {
    super(`${field} ${rule}`);
  }
}

/** The owner has no such task. Whether somebody else has is nobody's business, so the message does not differ. */
export class TaskNotFound extends Error {
  override readonly name = 'TaskNotFound';
  readonly kind = 'task_not_found';

  constructor() {
    super('Task not found');
  }
}
