import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { CONTRACT_NAMES } from '../../interfaces/http/contracts/contracts.ts';
import { readMetrics, sumOf } from '../support/metrics-page.ts';
import { type AppOptions, startApp, tokenFor } from '../support/running-app.ts';

const DURATION = 'taskwell_http_request_duration_seconds';

async function measuredApp(options: AppOptions = {}) {
  const metrics = new PrometheusMetrics();
  const app = await startApp({ ...options, metrics });
  onTestFinished(() => app.close());
  return { app, page: () => metrics.page() };
}

/** The labels of each measured combination of contract, operation and status. */
async function combinations(page: Promise<string>): Promise<string[]> {
  const counts = [...readMetrics(await page).keys()].filter((series) => series.startsWith(`${DURATION}_count{`));
  return counts.map((series) => [...series.matchAll(/"([^"]*)"/g)].map(([, value]) => value).join(' ')).sort();
}

describe('the metrics of requests', () => {
  it('name the contract, the operation and the status of each', async () => {
    const { app, page } = await measuredApp();
    const ann = app.as('ann');
    await ann('POST', '/api/ann/tasks', { body: { title: 'Buy groceries' } });
    await ann('GET', '/api/ann/tasks/1');
    await ann('GET', '/api/ann/tasks/2');
    await ann('GET', '/contracts/1-backend-integration/api/tasks');
    await ann('PATCH', '/contracts/1-backend-integration/api/tasks/1/toggle-complete');
    await app.send('GET', '/contracts/002-backend-api/api/tasks');
    await app.send('GET', '/health');
    await app.send('GET', '/contracts/002-backend-api/ready');
    await app.send('OPTIONS', '/api/ann/tasks', {
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
    });
    expect(await combinations(page())).toEqual([
      '002-backend-api listTasks 401',
      '002-backend-api ready 200',
      '007-fastapi-backend createTask 201',
      '007-fastapi-backend getTask 200',
      '007-fastapi-backend getTask 404',
      '007-fastapi-backend health 200',
      '007-fastapi-backend preflight 204',
      '1-backend-integration listTasks 200',
      '1-backend-integration toggleTaskToggleComplete 200',
    ]);
    expect(sumOf(await page(), `${DURATION}_count`)).toBe(9);
  });

  it('tell requests that were refused in an overload from those whose path is unknown', async () => {
    const { app, page } = await measuredApp({ eventLoop: { currentMs: 10_000 } });
    for (const path of ['/api/ann/tasks', '/canary', '/health']) await app.as('ann')('GET', path);
    expect(await combinations(page())).toEqual(['007-fastapi-backend health 200', '007-fastapi-backend refused 503']);
    expect(sumOf(await page(), `${DURATION}_count`, 'operation="refused"')).toBe(2);
  });

  it('name the contract of a target in absolute form', async () => {
    const { app, page } = await measuredApp();
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET http://x/contracts/002-backend-api/health?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await once(socket.resume(), 'close');
    expect(await combinations(page())).toEqual(['002-backend-api health 200']);
  });

  it('have no more time series, whatever is requested, and repeat nothing that users sent', async () => {
    const { app, page } = await measuredApp();
    const places = ['', ...CONTRACT_NAMES.map((name) => `/contracts/${name}`), '/contracts/canary', '/contracts/'];
    for (const place of places) {
      for (const path of ['/canary', '/api/canary/tasks', '/api/canary/tasks/7?canary=1', '/docs/canary', '?canary']) {
        for (const method of ['GET', 'DELETE', 'OPTIONS', 'PROPFIND']) await app.send(method, `${place}${path}`);
        await app.as('canary')('GET', `${place}${path}`);
      }
    }
    const text = await page();
    expect(text).not.toContain('canary');
    for (const combination of await combinations(page())) {
      const [contract = '', operation = '', status = ''] = combination.split(' ');
      expect(CONTRACT_NAMES).toContain(contract);
      expect(['unknown', 'preflight', 'docsFile', 'welcome', 'other', 'listTasks', 'getTask', 'deleteTask']).toContain(
        operation,
      );
      expect(status).toMatch(/^(200|204|401|403|404|405|422)$/);
    }
    const before = await combinations(page());
    for (let n = 0; n < 50; n += 1) await app.send('GET', `/canary/${n}`);
    expect(await combinations(page())).toEqual(before);
  });

  it('count a request as in flight until its response has ended, also when its client leaves', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { app, page } = await measuredApp({ tokens: { verify: () => held.then(() => Promise.reject(new Error())) } });
    const inFlight = async () => sumOf(await page(), 'taskwell_http_requests_in_flight');
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const request = `GET /api/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('ann')}\r\n\r\n`;
    socket.write(request.replace('/api/', '/contracts/1-backend-integration/api/').repeat(3));
    await expect.poll(inFlight).toBe(1); // of three that are pipelined, the last two wait for their turn
    socket.destroy();
    await expect.poll(inFlight).toBe(0);
    expect(await combinations(page())).toEqual(['1-backend-integration listTasks 499']);
    release();
    await app.close();
    expect(sumOf(await page(), `${DURATION}_count`)).toBe(1);
  });
});
