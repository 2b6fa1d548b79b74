import { expect, it } from 'vitest';
import { explainListenError } from '../../interfaces/composition/explain-listen-error.ts';
import { OperatorError } from '../../interfaces/composition/operator-error.ts';

const address = { host: 'nonsense', port: 8000 };
const withCode = (code: string) => Object.assign(new Error(code), { code });

it.each(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'])(
  'an address that is not there (%s) is told with the setting',
  (code) => {
    const message = 'nonsense is not an address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0';
    expect(explainListenError(withCode(code), address)).toEqual(new OperatorError(message));
  },
);

it('an error that the operator cannot fix is left as it is', () => {
  const error = withCode('EMFILE');
  expect(explainListenError(error, address)).toBe(error);
});
