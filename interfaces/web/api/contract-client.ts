import type { paths } from './003-backend-api.ts';
import type { AccessToken } from './access-token.ts';
import { describeError, exchange, jsonOf, type Reply, textIn } from './exchange.ts';
import { Failure, type FailureKind } from './failure.ts';

const PLACE = '/contracts/003-backend-api';

const KINDS = new Map<number, FailureKind>([
  [401, 'signed-out'],
  [403, 'signed-out'],
  [404, 'missing'],
]);

/** Calls the operations of the contract `003-backend-api`. Its OpenAPI document defines the types. */
export class ContractClient {
  constructor(private readonly token: AccessToken) {}

  /**
   * Sends a request with the user's token. If the server rejects the token, it sends the request again with a new one.
   *
   * @throws Failure
   */
  async send<M extends Method, P extends PathWith<M>>(
    method: M,
    path: P,
    { params, body, headers }: Sent<paths[P][M]> & AnySent,
  ): Promise<Received<paths[P][M]>> {
    const url = `${PLACE}${path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ''))}`;
    const attempt = async () => exchange(method.toUpperCase(), url, { body, headers, token: await this.token.get() });
    let reply = await attempt();
    if (reply.status === 401) {
      this.token.forget();
      reply = await attempt();
    }
    if (!reply.ok) throw failureOf(reply);
    return JSON.parse(reply.text || 'null');
  }
}

function failureOf(reply: Reply): Failure {
  const explanation = textIn(jsonOf(reply), 'detail');
  const kind = reply.status >= 500 ? 'unreachable' : 'refused';
  return new Failure(KINDS.get(reply.status) ?? kind, describeError(reply, explanation));
}

type Method = 'get' | 'post' | 'patch' | 'delete';

/** The paths that have a method. */
type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { readonly [K in M]: object } ? P : never;
}[keyof paths];

type Json<Body> = { readonly content: { readonly 'application/json': Body } };

/** What any operation takes. */
interface AnySent {
  readonly params: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an operation takes. */
type Sent<Operation> = Operation extends { readonly parameters: { readonly path: infer Params } }
  ? Operation extends { readonly requestBody?: infer Body }
    ? [NonNullable<Body>] extends [never]
      ? { readonly params: Params }
      : NonNullable<Body> extends Json<infer Content>
        ? { readonly params: Params; readonly body: Content }
        : never
    : { readonly params: Params }
  : never;

/** What an operation returns if it succeeds. */
type Received<Operation> = Operation extends { readonly responses: { readonly 200: Json<infer Body> } }
  ? Body
  : Operation extends { readonly responses: { readonly 201: Json<infer Body> } }
    ? Body
    : null;
