import { errorCode } from '../../infrastructure/error-code.ts';
import { OperatorError } from './operator-error.ts';

/**
 * Explains why a server cannot listen; returns an error that the operator cannot fix as it is.
 *
 * @param prefix precedes the names of the settings: empty for `HOST` and `PORT`
 */
export function explainListenError(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
  prefix: '' | 'METRICS_' = '',
): unknown {
  const badHost = `${host} is not an address of this machine: set ${prefix}HOST to one, such as 127.0.0.1 or 0.0.0.0`;
  const explanations: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use: stop what listens there, or set ${prefix}PORT to another one`,
    EACCES: `Permission to listen on port ${port} is denied: set ${prefix}PORT to 1024 or higher`,
    EADDRNOTAVAIL: badHost,
    ENOTFOUND: badHost,
    EAI_AGAIN: badHost, // a name, and no name server that knows
  };
  const explanation = explanations[errorCode(error) ?? ''];
  return explanation === undefined ? error : new OperatorError(explanation);
}
