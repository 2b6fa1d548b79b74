import { Unauthenticated } from '../../application/application-errors.ts';
import type { TokenVerifier, VerifiedToken } from '../../application/ports/token-verifier.ts';
import type { TokenOutcome } from './prometheus-metrics.ts';

/** Reports the outcome of each verification. */
export class MeasuredTokenVerifier implements TokenVerifier {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly report: (outcome: TokenOutcome) => void,
  ) {}

  async verify(token: string): Promise<VerifiedToken> {
    try {
      const verified = await this.verifier.verify(token);
      this.report('accepted');
      return verified;
    } catch (error) {
      this.report(error instanceof Unauthenticated ? 'refused' : 'unavailable');
      throw error;
    }
  }
}
