import { Unauthenticated } from '../../application/application-errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { UserId } from '../../domain/user-id.ts';
import type { TokenOutcome } from './prometheus-metrics.ts';

/** Reports the outcome of each verification. */
export class MeasuredTokenVerifier implements TokenVerifier {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly report: (outcome: TokenOutcome) => void,
  ) {}

  async verify(token: string): Promise<UserId> {
    try {
      const user = await this.verifier.verify(token);
      this.report('accepted');
      return user;
    } catch (error) {
      this.report(error instanceof Unauthenticated ? 'refused' : 'unavailable');
      throw error;
    }
  }
}
