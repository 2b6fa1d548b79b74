import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { run } from '../../interfaces/cli/command-line.ts';
import { type Send, sender } from './running-app.ts';

export interface Serving {
  readonly url: string;
  readonly send: Send;
  /** Sends requests with a token, and with the headers that the frontends always send. */
  readonly sendAs: (token: string) => Send;
  /** The output so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Runs `taskwell serve` within this process on a free port, with these settings only. */
export async function serving(settings: Readonly<Record<string, string>>): Promise<Serving> {
  const [stdout, stderr, signals] = [new PassThrough(), new PassThrough(), new EventEmitter()];
  let [out, err] = ['', ''];
  stdout.on('data', (chunk) => {
    out += chunk;
  });
  stderr.on('data', (chunk) => {
    err += chunk;
  });
  const env = { ENVIRONMENT: 'staging', PORT: '0', ...settings };
  const exitCode = run(['serve'], { env, stdout, stderr, signals, clock: new SystemClock(), exit: () => {} });
  const failed = exitCode.then((code) => Promise.reject(new Error(`ended with ${code}: ${err}`)));
  let url: string | undefined;
  while (url === undefined) {
    await Promise.race([once(stdout, 'data'), failed]);
    [, url] = /"url":"([^"]+)"/.exec(out) ?? [];
  }
  failed.catch(() => {});
  const send = sender(url);
  return {
    url,
    send,
    sendAs:
      (token) =>
      (method, path, options = {}) =>
        send(method, path, {
          ...options,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...options.headers },
        }),
    log: () => out,
    stop: async () => {
      signals.emit('SIGTERM');
      await exitCode;
    },
  };
}
