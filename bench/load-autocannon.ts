import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { type Case, drawn } from './cases.ts';
import type { Entrant, Load, Outcome } from './load.ts';
import { percentiles } from './percentiles.ts';
import { isExpected, type PlannedRequest, planned } from './planned-request.ts';

/** What takes the place of wrk where that is not installed. It takes more of the processor than wrk does. */
export class AutocannonLoad implements Load {
  readonly about = 'autocannon';

  async run(entrant: Entrant, what: Case, seconds: number): Promise<Outcome> {
    const tokens = readFileSync(entrant.tokens, 'utf8').trim().split('\n');
    let [wrong, created] = [0, 0];
    const sent = new WeakMap<object, PlannedRequest>();
    const next = () => {
      const request = planned(entrant, drawn(what), randomInt(1_000_000_000));
      const token = tokens[request.place]?.split(' ')[1];
      return { request, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } };
    };
    const times: number[] = [];
    const options: autocannon.Options = {
      url: String(entrant.server?.url),
      connections: what.connections,
      duration: seconds,
      ...(what.pause !== undefined && { connectionRate: 1000 / what.pause }),
      requests: [
        {
          // the context belongs to one connection, on which one request follows the other
          setupRequest: (template, context) => {
            const { request, headers } = next();
            sent.set(context, request);
            const { method, path, body } = request;
            return { ...template, method, path, headers, ...(body !== undefined && { body }) };
          },
          onResponse: (status, body, context) => {
            const request = sent.get(context);
            if (status === 201) created += 1;
            if (request === undefined || !isExpected(request, status, body)) wrong += 1;
          },
        },
      ],
    };
    const result = await new Promise<autocannon.Result>((resolve, reject) => {
      const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
      running.on('response', (...[, , , milliseconds]: unknown[]) => times.push(Number(milliseconds)));
    });
    return {
      requests: result.requests.total,
      duration: result.duration,
      latency: percentiles(times),
      wrong,
      failed: result.errors,
      created,
    };
  }
}
