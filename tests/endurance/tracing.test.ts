import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished } from 'vitest';
import { ROOT } from '../support/build.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';

const it = itWithDatabase();

/** The options of Node.js that docs/metrics.md recommends. */
const OPTIONS = [
  '--experimental-loader=@opentelemetry/instrumentation/hook.mjs',
  '--import=@opentelemetry/auto-instrumentations-node/register',
];

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

/** What the test reads of the JSON encoding of OTLP. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
}
interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** A receiver of OTLP over HTTP, as a collector has. */
async function receiver(): Promise<{ url: string; spans: Span[] }> {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === '/v1/traces') {
      const { resourceSpans } = (await json(request)) as Export;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
    }
    response.setHeader('Content-Type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, spans };
}

describe('taskwell serve under the zero-code instrumentation of OpenTelemetry', () => {
  it('continues the trace of the caller, down to the statement and into the log', async ({ database }) => {
    const { url: endpoint, spans } = await receiver();
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [...OPTIONS, join(ROOT, 'dist/cli/main.js'), 'serve'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        PATH,
        HOME,
        ENVIRONMENT: 'staging',
        DATABASE_URL: database.url,
        BETTER_AUTH_SECRET: SECRET,
        PORT: '0',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
        OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,pino',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    });
    const ended = once(child, 'close');
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    const lines: Record<string, unknown>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
    const line = (msg: string) => lines.find((line) => line.msg === msg);
    await expect.poll(() => line('ready'), { timeout: 90_000 }).toBeDefined();

    const headers = {
      authorization: `Bearer ${tokenFor('ann')}`,
      'content-type': 'application/json',
      traceparent: `00-${TRACE}-${CALLER}-01`,
    };
    const send = sender(String(line('ready')?.url));
    expect((await send('POST', '/api/ann/tasks', { headers, body: { title: 'a surprise party' } })).status).toBe(201);

    const traced = () => spans.filter(({ traceId }) => traceId === TRACE);
    const isInsert = ({ name }: Span) => name.startsWith('pg.query:taskwell_create_task');
    const isServer = ({ kind }: Span) => kind === 2;
    await expect.poll(() => traced().some(isInsert) && traced().some(isServer), { timeout: 30_000 }).toBe(true);
    const server = traced().find(isServer);
    expect(server).toMatchObject({ name: expect.stringMatching(/^POST/), parentSpanId: CALLER });
    const statement = traced().find(isInsert);
    expect(statement).toMatchObject({ kind: 3, parentSpanId: server?.spanId });
    expect(JSON.stringify(spans)).not.toContain('surprise');
    await expect.poll(() => line('request')).toMatchObject({ trace_id: TRACE, span_id: server?.spanId, status: 201 });
  });
});
