import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { Misconfigured, Unavailable } from '../../application/application-errors.ts';
import { toRefusal, unconfirmed } from '../../infrastructure/postgres/connection/database-errors.ts';
import { instantFromMicros } from '../../infrastructure/postgres/tasks/instant-from-micros.ts';

describe('a time in microseconds', () => {
  it.each([
    ['1795885200123456', '2026-11-28T17:00:00.123456Z'],
    ['1795885200000001', '2026-11-28T17:00:00.000001Z'],
    ['0', '1970-01-01T00:00:00.000000Z'],
    ['-1', '1969-12-31T23:59:59.999999Z'],
  ])('is an instant in UTC: %s', (text, instant) => {
    expect(instantFromMicros(text)).toBe(instant);
  });

  it('agrees with Date, in any order of the days', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 4e15 }), (micros) => {
        const instant = instantFromMicros(String(micros));
        const milliseconds = Math.floor(micros / 1_000);
        const expected = new Date(milliseconds).toISOString().slice(0, -1);
        const rest = String(micros - milliseconds * 1_000).padStart(3, '0');
        expect(instant).toBe(`${expected}${rest}Z`);
      }),
    );
  });
});

describe('an error of the database', () => {
  const withCode = (code: string) => Object.assign(new pg.DatabaseError('x', 1, 'error'), { code });
  const system = (code: string) => Object.assign(new Error('connect'), { code });

  it.each(['08006', '25006', '40001', '40P01', '53300', '57014', '57P01', '57P03', '28P01', '3D000', '55000', '58030'])(
    'that may be temporary is Unavailable: %s',
    (code) => {
      expect(toRefusal(withCode(code))).toBeInstanceOf(Unavailable);
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    'of the connection is Unavailable: %s',
    (code) => {
      expect(toRefusal(system(code))).toBeInstanceOf(Unavailable);
    },
  );

  it.each([
    'timeout expired',
    'Connection terminated unexpectedly',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'The server does not support SSL connections',
    'SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match',
  ])('of the driver is Unavailable: %s', (message) => {
    expect(toRefusal(new Error(message))).toBeInstanceOf(Unavailable);
  });

  it.each([withCode('42P01'), withCode('42703'), Object.assign(withCode('42501'), { routine: 'aclcheck_error' })])(
    'that an operator has to correct is Misconfigured (%#)',
    (error) => {
      expect(toRefusal(error)).toBeInstanceOf(Misconfigured);
    },
  );

  it('of a write says whether the write may have been applied', () => {
    const detail = (error: unknown) => String(toRefusal(unconfirmed(error)));
    for (const lost of [system('ECONNRESET'), new Error('Connection terminated unexpectedly'), withCode('08006')]) {
      expect(detail(lost)).toContain('did not confirm');
    }
    for (const failed of ['57P01', '55P03', '22012', '25006'])
      expect(detail(withCode(failed))).toContain('out of reach');
  });

  it.each([
    withCode('23505'),
    withCode('42501'),
    withCode('42601'),
    withCode('22P02'),
    new TypeError('bug'),
    Object.assign(new TypeError('bug'), { code: 'ERR_INVALID_ARG_TYPE' }),
    'text',
  ])('that is a bug stays unchanged (%#)', (error) => {
    expect(toRefusal(error)).toBe(error);
  });
});
