/** The tables cannot be distributed. The message explains the reason and the remedy. */
export class DistributionRefused extends Error {
  override readonly name = 'DistributionRefused';
}
