import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MetricsServer } from '../../interfaces/http/server/metrics-server.ts';

async function serve(page: () => Promise<string>): Promise<string> {
  const server = await MetricsServer.listen(page, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  return server.url;
}

/** Counts the requests that arrive at a server of this process. */
function arrivalsAt(url: string): () => number {
  let arrivals = 0;
  const count = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort === Number(new URL(url).port)) arrivals += 1;
  };
  subscribe('http.server.request.start', count);
  onTestFinished(() => void unsubscribe('http.server.request.start', count));
  return () => arrivals;
}

describe('the server of the metrics', () => {
  it('serves the page at /metrics, and nothing else', async () => {
    const url = await serve(async () => 'up 1\n');
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(await answer.text()).toBe('up 1\n');
    expect((await fetch(`${url}?x=1`)).status).toBe(200);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(new URL('/api/tasks', url))).status).toBe(404);
  });

  it('renders one page for all who ask at the same time', async () => {
    let rendered = 0;
    let finish = () => {};
    const url = await serve(() => {
      rendered += 1;
      return new Promise((resolve) => {
        finish = () => resolve(`page ${rendered}`);
      });
    });
    const arrivals = arrivalsAt(url);
    const answers = [fetch(url), fetch(url), fetch(url)];
    await expect.poll(arrivals).toBe(3);
    finish();
    expect(await Promise.all(answers.map(async (answer) => (await answer).text()))).toEqual(Array(3).fill('page 1'));
  });

  it('answers 500 where the page cannot be rendered, and goes on', async () => {
    let fails = true;
    const url = await serve(async () => {
      if (fails) throw new Error('no page');
      return 'up 1\n';
    });
    expect((await fetch(url)).status).toBe(500);
    fails = false;
    expect((await fetch(url)).status).toBe(200);
  });
});
