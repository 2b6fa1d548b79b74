import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import { toUnavailable } from '../../infrastructure/postgres/connection/database-errors.ts';
import { instantFromText } from '../../infrastructure/postgres/tasks/instant-from-text.ts';

describe('a timestamp of PostgreSQL', () => {
  it.each([
    ['2026-11-20 17:00:00.123456+00', '2026-11-20T17:00:00.123456Z'],
    ['2026-11-20 17:00:00.1+00', '2026-11-20T17:00:00.100000Z'],
    ['2026-11-20 17:00:00+00', '2026-11-20T17:00:00.000000Z'],
    ['2026-11-20 22:30:00.000001+05:30', '2026-11-20T17:00:00.000001Z'],
    ['2026-11-20 14:00:00-03', '2026-11-20T17:00:00.000000Z'],
  ])('is an instant in UTC: %s', (text, instant) => {
    expect(instantFromText(text)).toBe(instant);
  });

  it.each(['20/11/2026 17:00:00 UTC', 'infinity'])('is not parsed from %s', (text) => {
    expect(() => instantFromText(text)).toThrow();
  });
});

describe('an error of the database', () => {
  const withCode = (code: string) => Object.assign(new pg.DatabaseError('x', 1, 'error'), { code });
  const system = (code: string) => Object.assign(new Error('connect'), { code });

  it.each(['08006', '25006', '40001', '40P01', '53300', '57014', '57P01', '57P03', '28P01', '3D000', '58030'])(
    'that may be temporary is Unavailable: %s',
    (code) => {
      expect(toUnavailable(withCode(code))).toBeInstanceOf(Unavailable);
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    'of the connection is Unavailable: %s',
    (code) => {
      expect(toUnavailable(system(code))).toBeInstanceOf(Unavailable);
    },
  );

  it.each([
    'timeout expired',
    'Connection terminated unexpectedly',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('of the driver is Unavailable: %s', (message) => {
    expect(toUnavailable(new Error(message))).toBeInstanceOf(Unavailable);
  });

  it.each([
    withCode('23505'),
    withCode('42P01'),
    withCode('22P02'),
    new TypeError('bug'),
    Object.assign(new TypeError('bug'), { code: 'ERR_INVALID_ARG_TYPE' }),
    'text',
  ])('that is a bug stays unchanged (%#)', (error) => {
    expect(toUnavailable(error)).toBe(error);
  });
});
