import { Writable } from 'node:stream';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../infrastructure/system/logger.ts';

function logged(pretty: boolean, log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const logger = createLogger('info', sink, { pretty });
  log(logger);
  logger.flush();
  return text;
}

describe('the logger', () => {
  it('writes JSON with the name of the level and the time', () => {
    const line = JSON.parse(logged(false, (log) => log.warn({ status: 503 }, 'request')));
    expect(line).toEqual({ level: 'warn', time: expect.stringMatching(/Z$/), status: 503, msg: 'request' });
  });

  it('writes nothing below its level', () => {
    expect(logged(false, (log) => log.debug('x'))).toBe('');
  });

  it('writes the stack and the cause of an error', () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const { err } = JSON.parse(logged(false, (log) => log.error({ err: new Error('outer', { cause }) }, 'x')));
    expect(err).toMatchObject({ type: 'Error', message: 'outer', cause: { code: 'ECONNREFUSED', message: 'connect' } });
    expect(err.stack).toContain('logging.test.ts');
    expect(JSON.parse(logged(false, (log) => log.error({ err: 'text' }, 'x'))).err).toEqual({ type: 'string' });
  });

  it.each([true, false])('omits the values of users from an error of the database (pretty: %s)', (pretty) => {
    const error = Object.assign(new pg.DatabaseError('invalid "a surprise party"', 1, 'error'), {
      code: '22P02',
      severity: 'ERROR',
      detail: 'Failing row contains (a surprise party)',
    });
    const text = logged(pretty, (log) => log.error({ err: error }, 'internal_error'));
    expect(text).toContain('22P02');
    expect(text).not.toContain('surprise');
  });

  it('writes lines for people: a request as one glance, anything else with its fields and the stack of its error', () => {
    const request = { request_id: 'x', method: 'GET', route: '/api/:user_id/tasks', status: 200, duration_ms: 3.21 };
    const text = logged(true, (log) => {
      log.info(request, 'request');
      log.warn({ reason: 'no database', count: 2 }, 'not ready');
      log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'x');
    });
    const [first, second, ...rest] = text.replace(/^\d\d:\d\d:\d\d /gm, '').split('\n');
    expect(first).toBe('GET /api/:user_id/tasks 200 3 ms');
    expect(second).toBe('WARN not ready reason=no database count=2');
    expect(rest.join('\n')).toMatch(
      /^ERROR x\nError outer\n +at [\s\S]*logging\.test\.ts[\s\S]*\ncaused by: Error inner\n +at /,
    );
  });

  it('writes the lines of one turn at once, in their order', async () => {
    const writes: string[] = [];
    const logger = createLogger('info', { write: (text) => void writes.push(text) }, { pretty: false });
    for (const word of ['one', 'two', 'three']) logger.info(word);
    expect(writes).toEqual([]);
    await new Promise(setImmediate);
    expect(writes).toHaveLength(1);
    expect(writes[0]?.match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
    logger.info('four');
    await new Promise(setImmediate);
    expect(writes).toHaveLength(2);
  });
});
