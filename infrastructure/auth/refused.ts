import { Unauthenticated } from '../../application/errors.ts';

/** A token that does not hold. @param reason for people; it goes out, so it says nothing that the token's holder must not know */
export function refused(reason: string): Unauthenticated {
  return new Unauthenticated(reason, true);
}
