// Each exported class has a row in error-table.ts.

import { Unavailable } from '../../../application/application-errors.ts';

/** The bounds of a field: the longest text in code points, or the range of a number. */
export interface FieldLimits {
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

/** One fault in a path, a query, a body or a header. */
export interface Fault {
  /** The field or parameter by its name on the wire; `undefined` if the fault concerns the whole. */
  readonly field: string | undefined;
  readonly limits?: FieldLimits | undefined;
  /** One sentence that names the field and its rule. */
  readonly message: string;
}

/** The path, the query or the body contains invalid values. The message names them all. */
export class RequestInvalid extends Error {
  override readonly name = 'RequestInvalid';

  constructor(readonly faults: readonly Fault[]) {
    super(describeFaults(faults));
  }
}

/** Every fault in one sentence. */
function describeFaults(faults: readonly Fault[]): string {
  return faults.map(({ message }) => message).join('; ');
}

/** Headers that the endpoint reads are malformed. The message names them. */
export class InvalidHeader extends Error {
  override readonly name = 'InvalidHeader';

  constructor(readonly faults: readonly Fault[]) {
    super(describeFaults(faults));
  }
}

/** The body is not a JSON object in UTF-8. */
export class InvalidJson extends Error {
  override readonly name = 'InvalidJson';
}

/** The server does not support the media type, the charset or the encoding of the body. */
export class UnsupportedMediaType extends Error {
  override readonly name = 'UnsupportedMediaType';
}

/** The body is larger than the server accepts. */
export class PayloadTooLarge extends Error {
  override readonly name = 'PayloadTooLarge';
}

/** The path names another user than the token does. */
export class UserMismatch extends Error {
  override readonly name = 'UserMismatch';

  constructor() {
    super('The user in the path is not the user who is signed in');
  }
}

/** No route has this path. */
export class RouteNotFound extends Error {
  override readonly name = 'RouteNotFound';

  constructor() {
    super('There is nothing at this path');
  }
}

/** The path exists, but not with this method. */
export class MethodNotAllowed extends Error {
  override readonly name = 'MethodNotAllowed';

  /** @param allowed the methods of the path, as in the `Allow` header */
  constructor(method: string, allowed: string) {
    super(`${method} is not allowed here; allowed: ${allowed}`);
  }
}

/** The server has more requests under way than it can answer in time, or more unread responses than it can keep. */
export class Overloaded extends Unavailable {
  override readonly name: string = 'Overloaded';

  constructor(message = 'The server is overloaded at the moment, try again') {
    super(message, OVERLOADED_RETRY_AFTER_SECONDS);
  }
}

/** The user or the process has as many streams of events as it may have. */
export class TooManyStreams extends Overloaded {
  override readonly name = 'TooManyStreams';

  constructor() {
    super('Too many event streams are open, close one or try again');
  }
}

const OVERLOADED_RETRY_AFTER_SECONDS = 1;
