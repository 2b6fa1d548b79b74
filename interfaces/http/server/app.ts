import type { RouterMiddleware } from '@koa/router';
import Koa from 'koa';
import compose from 'koa-compose';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { RateLimits } from '../../../application/ports/rate-limiter.ts';
import type { TokenVerifier } from '../../../application/ports/token-verifier.ts';
import { RequestGuard } from '../../../application/request-guard.ts';
import { SignInGuard } from '../../../application/sign-in-guard.ts';
import type { UseCases } from '../../../application/use-cases.ts';
import type { Contract } from '../contracts/contract.ts';
import { contractRouter } from '../contracts/contract-router.ts';
import { CONTRACTS } from '../contracts/contracts.ts';
import { addDocumentation } from '../documentation/documentation-router.ts';
import { notFoundPage } from '../documentation/not-found-page.ts';
import { errorResponses } from '../errors/error-responses.ts';
import { RequestInvalid } from '../errors/http-errors.ts';
import { Admission } from '../pipeline/admission.ts';
import { clientAddress, networkOf } from '../pipeline/client-address.ts';
import { corsFor } from '../pipeline/cors.ts';
import { reportFailedResponse } from '../pipeline/failed-response.ts';
import { requestId } from '../pipeline/request-id.ts';
import { requestLog } from '../pipeline/request-log.ts';
import { type RequestMetrics, requestMetrics } from '../pipeline/request-metrics.ts';
import type { RequestContext, RequestState } from '../pipeline/request-state.ts';
import { securityHeaders } from '../pipeline/security-headers.ts';
import { SecurityLog } from '../pipeline/security-log.ts';
import { UnreadResponses } from '../pipeline/unread-responses.ts';
import { taskPageRoutes } from '../web/task-page-routes.ts';
import {
  BETTER_AUTH_ERRORS,
  BETTER_AUTH_PATH,
  type BetterAuthHandler,
  betterAuthRoutes,
} from './better-auth-routes.ts';
import { type Environment, health } from './health.ts';
import type { Readiness } from './readiness.ts';
import { ready } from './ready.ts';

/** The settings of the HTTP interface. */
export interface HttpSettings {
  /** The environment that `/health` reports. */
  readonly environment: Environment;
  /** The name of the contract that answers at `/api/…`. */
  readonly contract: string;
  /** The origins whose pages may call the server (CORS), such as `https://app.example.com` or `https://*.vercel.app`. */
  readonly corsOrigins: readonly string[];
  /** The number of trusted proxies in front of the server (`X-Forwarded-For`). Default: 0. */
  readonly trustProxy?: number;
  /** Whether to serve the page for tasks at `/app`. It needs Better Auth at `/api/auth`, on the same origin. Default: no. */
  readonly taskPage?: boolean;
}

/** The ports and use cases that the HTTP interface needs. */
export interface HttpDependencies {
  readonly useCases: UseCases;
  readonly tokens: TokenVerifier;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absent: no rate limits. */
  readonly limits?: RateLimits | undefined;
  /** Default: writes to `log`. */
  readonly securityLog?: SecurityLog;
  /** What `/ready` reports. Default: always ready. */
  readonly readiness?: Pick<Readiness, 'verdict'>;
  /** Refuses requests in an overload. Default: by the number of requests under way. */
  readonly admission?: Admission;
  /** Answers Better Auth's own routes. Absent: this server has no accounts, and contracts have no routes to sign in. */
  readonly betterAuth?: BetterAuthHandler | undefined;
  /** Absent: requests are not measured. */
  readonly metrics?: RequestMetrics | undefined;
  /** Bounds the responses that clients have not read. Default: with the default limits. */
  readonly unread?: UnreadResponses;
}

/**
 * Creates the Koa app with every contract. `HttpServer` serves it; it can also be mounted in another server.
 *
 * @throws RangeError if no contract has the name in the settings, or an origin is not valid
 */
export function createApp(
  settings: HttpSettings,
  {
    useCases,
    tokens,
    clock,
    log,
    limits,
    metrics,
    betterAuth,
    securityLog = new SecurityLog(log),
    readiness = ALWAYS_READY,
    admission = new Admission(log, clock),
    unread = new UnreadResponses(log, clock),
  }: HttpDependencies,
  declared: readonly Contract[] = CONTRACTS,
): Koa<RequestState> {
  const contracts = betterAuth ? declared.map(withSignIn) : declared;
  const { environment, trustProxy = 0 } = settings;
  const contractAtRoot = contracts.find(({ name }) => name === settings.contract);
  if (contractAtRoot === undefined) throw new RangeError(`there is no contract ${settings.contract}`);

  const hasTaskPage = settings.taskPage ?? betterAuth !== undefined;
  const guard = new RequestGuard(tokens, limits, networkOf);

  /** Mounts a contract at a prefix. Every error there has the shape of that contract. */
  const mount = (contract: Contract, prefix: string): RouterMiddleware<RequestState> => {
    const router = contractRouter(contract, prefix, useCases, guard, unread);
    router.get('health', '/health', health(environment, clock));
    router.get('ready', '/ready', ready(readiness, clock));
    addDocumentation(router, contract, prefix, {
      contracts,
      atRoot: contractAtRoot,
      placeOf,
      environment,
      hasTaskPage,
    });
    const probes = new RegExp(`^${prefix}/(health|ready)/?$`);
    return compose([
      errorResponses(contract, clock, log, securityLog),
      admission.guard((path) => probes.test(path)),
      notFoundPage(contract, prefix),
      router.allowedMethods(),
      router.routes(),
    ]);
  };
  /** A contract at the root may have routes of its own below the path of Better Auth. */
  const pathsAtRoot = new Set(contractAtRoot.endpoints.map(({ path }) => path));
  const mountBetterAuth = (handler: BetterAuthHandler): RouterMiddleware<RequestState> =>
    compose([
      errorResponses(BETTER_AUTH_ERRORS, clock, log, securityLog),
      admission.guard(() => false),
      betterAuthRoutes(handler, new SignInGuard(limits), securityLog),
    ]);

  const root = mount(contractAtRoot, '');
  const named = new Map(contracts.map((contract) => [contract.name, mount(contract, placeOf(contract.name))]));

  const contractNameOf = (ctx: RequestContext) => {
    const name = contractIn(parsePath(ctx) ?? '');
    return named.has(name) ? name : contractAtRoot.name;
  };
  const ownAuth = betterAuth && mountBetterAuth(betterAuth);
  const route: RouterMiddleware<RequestState> = (ctx, next) => {
    const path = pathOf(ctx);
    if (ownAuth && path.startsWith(BETTER_AUTH_PATH) && !pathsAtRoot.has(path.replace(/\/$/, ''))) {
      return ownAuth(ctx, next);
    }
    return (named.get(contractIn(path)) ?? root)(ctx, next);
  };

  const app = new Koa<RequestState>({ proxy: trustProxy > 0, maxIpsCount: trustProxy });
  app.use(requestId);
  app.use(clientAddress);
  if (metrics) app.use(requestMetrics(metrics, contractNameOf));
  app.use(requestLog(log, clock));
  app.use(corsFor(settings.corsOrigins, log));
  app.use(securityHeaders);
  app.use(errorResponses(contractAtRoot, clock, log, securityLog));
  if (hasTaskPage) app.use(taskPageRoutes());
  app.use(route);
  app.on('error', reportFailedResponse(log));
  return app;
}

function withSignIn(contract: Contract): Contract {
  return { ...contract, endpoints: [...contract.endpoints, ...(contract.signIn ?? [])] };
}

const ALWAYS_READY: Pick<Readiness, 'verdict'> = { verdict: async () => ({ ready: true }) };

/** @throws RequestInvalid if the target of the request is not a valid path */
function pathOf(ctx: RequestContext): string {
  const path = parsePath(ctx);
  if (path) return path;
  throw new RequestInvalid([{ field: undefined, message: 'The target of the request is not a valid path' }]);
}

/** Nothing for a target such as `https://`, whose path is `null` against its type, and for one that is no URL. */
function parsePath(ctx: RequestContext): string | null | undefined {
  try {
    return ctx.path;
  } catch {
    return undefined;
  }
}

const PLACE = '/contracts/';

/** The path below which a contract answers. The contract at the root answers there, too. */
function placeOf(name: string): string {
  return `${PLACE}${name}`;
}

/** The name of the contract in a path; empty at the root. */
function contractIn(path: string): string {
  return path.startsWith(PLACE) ? (path.split('/', 3)[2] ?? '') : '';
}
