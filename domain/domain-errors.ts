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

/** The task is in another state than the request expects. Nothing was written. */
export class TaskChanged extends Error {
  override readonly name = 'TaskChanged';

  constructor() {
    super('The task has changed since you read it. Read it again, then repeat your change');
  }
}

/** An idempotency key that was used for another task. Nothing was written. */
export class IdempotencyKeyReused extends Error {
  override readonly name = 'IdempotencyKeyReused';

  constructor() {
    super('This Idempotency-Key was used for a task with other values. Use a new key for each new task');
  }
}

/** The deletions after a checkpoint are no longer all known, or the data of the user was erased. */
export class CheckpointExpired extends Error {
  override readonly name = 'CheckpointExpired';

  constructor() {
    super('This token is too old: discard what you have, and start again without it');
  }
}
