import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import jsonwebtoken, { type SignOptions } from 'jsonwebtoken';
import type { Accounts } from '../../application/ports/accounts.ts';
import type { RateLimits } from '../../application/ports/rate-limiter.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import type { Timer } from '../../application/ports/timer.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { PositionsByOwner } from '../../application/positions-by-owner.ts';
import { createUseCases, type UseCases } from '../../application/use-cases.ts';
import { WATCH_LIMITS, type WatchLimits } from '../../application/watch-slots.ts';
import { WatchTasks } from '../../application/watch-tasks.ts';
import { SharedSecretTokenVerifier } from '../../infrastructure/auth/shared-secret-token-verifier.ts';
import type { TokenRules } from '../../infrastructure/auth/token-rules.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { createLogger } from '../../infrastructure/system/logger.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { SystemTimer } from '../../infrastructure/system/system-timer.ts';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';
import type { Contract } from '../../interfaces/http/contracts/contract.ts';
import { ADMISSION_LIMITS, Admission, type AdmissionLimits } from '../../interfaces/http/pipeline/admission.ts';
import type { RequestMetrics } from '../../interfaces/http/pipeline/request-metrics.ts';
import { UNREAD_LIMITS, type UnreadLimits, UnreadResponses } from '../../interfaces/http/pipeline/unread-responses.ts';
import { createApp, type HttpSettings } from '../../interfaces/http/server/app.ts';
import { HTTP_LIMITS, type HttpLimits } from '../../interfaces/http/server/http-limits.ts';
import { HttpServer } from '../../interfaces/http/server/http-server.ts';
import type { Readiness } from '../../interfaces/http/server/readiness.ts';
import { TickingClock } from './ticking-clock.ts';

export const SECRET = 'a secret for tests, of more than 32 characters';
export const PAGE = 'http://localhost:3000';
export const RULES: TokenRules = { issuers: [], audiences: [], clockTolerance: 5, userIdClaim: 'sub' };

/** Signs a token as frontends do. `claims` and `options` make a different one; a claim that is `undefined` is left out. */
export function tokenFor(user: string, claims: object = {}, options: SignOptions = {}): string {
  const exp = Math.floor(Date.now() / 1000) + 15 * 60;
  const given = Object.entries({ sub: user, exp, ...claims }).filter(([, value]) => value !== undefined);
  return jsonwebtoken.sign(Object.fromEntries(given), createSecretKey(SECRET, 'utf8'), {
    algorithm: 'HS256',
    ...options,
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the JSON as it expects it
  readonly body: any;
}

export interface RequestOptions {
  /** Sent as JSON, unless it is text or bytes already. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Send = (method: string, path: string, options?: RequestOptions) => Promise<Answer>;

export interface RunningApp {
  readonly url: string;
  readonly logged: string[];
  readonly useCases: UseCases;
  readonly watchTasks: WatchTasks;
  /** Sends a request without a token. */
  readonly send: Send;
  /** Sends requests as a user, with the headers that the frontends always send. */
  as(user: string): Send;
  /** Waits for the requests under way and what they log. May be called again. @param graceMs as for `HttpServer.close` */
  close(graceMs?: number): Promise<void>;
}

export interface AppOptions {
  readonly tasks?: TaskRepository;
  readonly contract?: string;
  readonly contracts?: readonly Contract[];
  readonly environment?: HttpSettings['environment'];
  readonly trustProxy?: number;
  readonly taskPage?: boolean;
  readonly tokens?: TokenVerifier;
  /** Accounts of the server's own, without the routes of Better Auth. Default: none. */
  readonly accounts?: Accounts;
  /** Default: no limits. */
  readonly limits?: RateLimits;
  /** Default: always ready. */
  readonly readiness?: Pick<Readiness, 'verdict'>;
  /** Those that differ from the default. */
  readonly httpLimits?: Partial<HttpLimits>;
  /** How late the event loop is. Default: not at all. */
  readonly eventLoop?: { readonly currentMs: number };
  readonly admissionLimits?: AdmissionLimits;
  readonly unreadLimits?: UnreadLimits;
  readonly watchLimits?: WatchLimits;
  /** When the positions of watched users are read. Default: twenty times a second. */
  readonly timer?: Timer;
  /** Default: info. */
  readonly logLevel?: string;
  readonly metrics?: RequestMetrics;
}

/** Ten times as fast as the real one, so that tests need not wait. */
const FAST_TIMER: Timer = { every: (intervalMs, call) => new SystemTimer().every(intervalMs / 10, call) };

/** Starts the real app on a free port. Its tasks are in memory unless `tasks` is given. */
export async function startApp({
  tasks,
  contract = '007-fastapi-backend',
  contracts,
  environment = 'dev',
  trustProxy = 0,
  taskPage = false,
  tokens = new SharedSecretTokenVerifier(SECRET, RULES, new SystemClock()),
  accounts,
  limits,
  readiness,
  httpLimits,
  eventLoop,
  admissionLimits = ADMISSION_LIMITS,
  unreadLimits = UNREAD_LIMITS,
  watchLimits = WATCH_LIMITS,
  timer = FAST_TIMER,
  logLevel = 'info',
  metrics,
}: AppOptions = {}): Promise<RunningApp> {
  const clock = new TickingClock();
  const repository = tasks ?? new InMemoryTaskRepository(clock);
  const logged: string[] = [];
  const sink = new Writable({
    write(lines, _encoding, done) {
      logged.push(...String(lines).trimEnd().split('\n'));
      done();
    },
  });
  const log = createLogger(logLevel, sink, { pretty: false });
  const watchTasks = new WatchTasks({
    tasks: repository,
    positions: new PositionsByOwner(repository),
    timer,
    clock: new SystemClock(), // as the tokens
    report: { failed: (err) => log.warn({ err }, 'live updates paused'), recovered: () => {} },
    limits: watchLimits,
  });
  const useCases = createUseCases({ tasks: repository, ids: new UuidV7TaskIds(), watchTasks, accounts, limits });
  const app = createApp(
    { environment, contract, corsOrigins: [PAGE], trustProxy, taskPage },
    {
      useCases,
      tokens,
      limits,
      metrics,
      betterAuth: accounts && (async () => new Response(undefined, { status: 404 })),
      clock,
      log,
      admission: new Admission(log, clock, eventLoop, admissionLimits),
      unread: new UnreadResponses(log, clock, unreadLimits),
      ...(readiness && { readiness }),
    },
    contracts,
  );
  const server = await HttpServer.listen(
    app,
    { host: '127.0.0.1', port: 0 },
    { limits: { ...HTTP_LIMITS, ...httpLimits }, log },
  );
  const agent = new Agent({ keepAlive: true });
  const send = quickSender(server.url, agent);
  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    logged,
    useCases,
    watchTasks,
    send,
    as(user) {
      const authorization = `Bearer ${tokenFor(user)}`;
      return (method, path, options = {}) =>
        send(method, path, {
          ...options,
          headers: { authorization, 'content-type': 'application/json', ...options.headers },
        });
    },
    close: (graceMs = 0) => {
      closed ??= server.close(graceMs).finally(() => agent.destroy());
      return closed;
    },
  };
}

/** Sends requests to a server by `fetch`. */
export function sender(url: string): Send {
  return async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${url}${path}`, { method, headers, body: encodeBody(body) ?? null });
    return answerOf(response.status, response.headers, await response.text());
  };
}

/** Sends requests by `node:http`: less than half of the processor time of `fetch`, in tests that send thousands. */
export function quickSender(url: string, agent: Agent): Send {
  return async (method, path, { body, headers = {} } = {}) => {
    const encoded = encodeBody(body);
    const length = encoded === undefined ? {} : { 'content-length': Buffer.byteLength(encoded) };
    const sent = request(`${url}${path}`, { method, headers: { ...length, ...headers }, agent }).end(encoded);
    const response: IncomingMessage = (await once(sent, 'response'))[0];
    const received = new Headers();
    for (const [name, values = []] of Object.entries(response.headersDistinct)) {
      for (const value of values) received.append(name, value);
    }
    return answerOf(response.statusCode!, received, await text(response));
  };
}

function encodeBody(body: unknown): string | Uint8Array | undefined {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  const json = headers.get('content-type')?.includes('json') ?? false;
  return { status, headers, text, body: json && text !== '' ? JSON.parse(text) : undefined };
}
