import { createSecretKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import jwt from 'jsonwebtoken';
import pg from 'pg';

// The limit: Node's own server, jsonwebtoken and pg, and as little as possible between them.

const { PORT = '3000', HOST = '127.0.0.1', DATABASE_URL, BETTER_AUTH_SECRET = '' } = process.env;

/** As a KeyObject: jsonwebtoken would make one of a string anew for every token. */
const KEY = createSecretKey(BETTER_AUTH_SECRET, 'utf8');
const VERIFY: jwt.VerifyOptions & { complete?: false } = { algorithms: ['HS256'] };

type Row = [
  id: number,
  user: string,
  title: string,
  description: string | null,
  completed: boolean,
  createdAt: string,
  updatedAt: string,
];

const COLUMNS = 'id, user_id, title, description, completed, created_at, updated_at';
const LIST = {
  name: 'list',
  text: `select ${COLUMNS} from tasks where user_id = $1 order by created_at desc`,
};
const FIND = {
  name: 'find',
  text: `select ${COLUMNS} from tasks where user_id = $1 and id = $2`,
};
const INSERT = {
  name: 'insert',
  text: `insert into tasks (user_id, title, description) values ($1, $2, $3) returning ${COLUMNS}`,
};
const UPDATE = {
  name: 'update',
  text: `update tasks set title = coalesce($3, title), description = coalesce($4, description), updated_at = now()
    where user_id = $1 and id = $2 returning ${COLUMNS}`,
};
const TOGGLE = {
  name: 'toggle',
  text: `update tasks set completed = not completed, updated_at = now()
    where user_id = $1 and id = $2 returning ${COLUMNS}`,
};
const REMOVE = {
  name: 'remove',
  text: `delete from tasks where user_id = $1 and id = $2 returning ${COLUMNS}`,
};

/** Commits on one connection wait for each other, so writes have several; a read waits for nothing. */
const WRITERS = 4;
const reader = await connected();
const writers = await Promise.all(Array.from({ length: WRITERS }, connected));
let turn = 0;

function writer(): pg.Client {
  turn = (turn + 1) % WRITERS;
  return writers[turn] ?? reader;
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    if (error instanceof Refusal) return send(response, error.status, error.body);
    console.error(error);
    send(response, 500, { error: 'internal_error', detail: 'Internal server error' });
  });
});
server.listen(Number(PORT), HOST, () => console.log(`ready on http://${HOST}:${PORT}`));
process.on('SIGTERM', () => {
  server.close(() => Promise.all([reader, ...writers].map((client) => client.end())));
  server.closeIdleConnections();
});

/** `/api/:user/tasks`, `/api/:user/tasks/:id` and `/api/:user/tasks/:id/complete`. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, api, name = '', tasks, id, action, ...more] = (request.url ?? '').split('?', 1)[0]?.split('/') ?? [];
  if (api !== 'api' || tasks !== 'tasks' || more.length > 0) throw new Refusal(404, 'not_found', 'Not found');

  const user = signedIn(request.headers.authorization);
  if (user !== name && user !== decoded(name)) throw new Refusal(403, 'forbidden', 'These are not your tasks');

  if (id === undefined) {
    if (request.method === 'GET') {
      const { rows } = await run(reader, LIST, [user]);
      return send(response, 200, { tasks: rows.map(task), count: rows.length });
    }
    if (request.method !== 'POST') throw new Refusal(405, 'method_not_allowed', 'Method not allowed');
    const { title, description } = await body(request);
    if (title === undefined) throw new Refusal(400, 'validation_error', 'title is required');
    return send(response, 201, one(await run(writer(), INSERT, [user, title, description])));
  }

  const key = [user, taskId(id)];
  if (action === 'complete') {
    if (request.method !== 'PATCH') throw new Refusal(405, 'method_not_allowed', 'Method not allowed');
    return send(response, 200, one(await run(writer(), TOGGLE, key)));
  }
  if (action !== undefined) throw new Refusal(404, 'not_found', 'Not found');
  switch (request.method) {
    case 'GET':
      return send(response, 200, one(await run(reader, FIND, key)));
    case 'PUT': {
      const { title, description } = await body(request);
      if (title === undefined && description === undefined) {
        throw new Refusal(400, 'validation_error', 'At least one field (title or description) must be provided');
      }
      return send(response, 200, one(await run(writer(), UPDATE, [...key, title, description])));
    }
    case 'DELETE':
      one(await run(writer(), REMOVE, key));
      return send(response, 200, { message: 'Task deleted' });
    default:
      throw new Refusal(405, 'method_not_allowed', 'Method not allowed');
  }
}

/** The user of the token. */
function signedIn(authorization = ''): string {
  if (!authorization.startsWith('Bearer ')) throw new Refusal(401, 'unauthorized', 'Sign in first');
  try {
    const { sub } = jwt.verify(authorization.slice(7), KEY, VERIFY) as jwt.JwtPayload;
    if (sub) return sub;
  } catch {
    // no token of ours
  }
  throw new Refusal(401, 'unauthorized', 'Sign in again');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function taskId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new Refusal(400, 'validation_error', 'id must be a whole number');
  return id;
}

async function body(request: IncomingMessage): Promise<{ title: string | undefined; description: string | undefined }> {
  const { title, description } = parsed(await text(request));
  return { title: validTitle(title ?? undefined), description: validDescription(description ?? undefined) };
}

function text(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let whole = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      whole += part;
      if (whole.length > 1_048_576) reject(new Refusal(413, 'payload_too_large', 'The body is too large'));
    });
    request.on('end', () => resolve(whole));
    request.on('error', reject);
  });
}

function parsed(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // no JSON
  }
  throw new Refusal(400, 'validation_error', 'The body must be a JSON object');
}

function validTitle(title: unknown): string | undefined {
  if (title === undefined) return undefined;
  const trimmed = typeof title === 'string' ? title.trim() : '';
  if (trimmed === '' || trimmed.length > 200) {
    throw new Refusal(400, 'validation_error', 'title must have 1 to 200 characters');
  }
  return trimmed;
}

function validDescription(description: unknown): string | undefined {
  if (description === undefined || typeof description === 'string') return description;
  throw new Refusal(400, 'validation_error', 'description must be a text');
}

function one({ rows: [row] }: pg.QueryArrayResult<Row>): object {
  if (row === undefined) throw new Refusal(404, 'not_found', 'Task not found');
  return task(row);
}

function task(row: Row): object {
  return {
    id: row[0],
    user_id: row[1],
    title: row[2],
    description: row[3],
    completed: row[4],
    created_at: iso(row[5]),
    updated_at: iso(row[6]),
  };
}

/** `2026-11-20 17:00:00.1234+00` as `2026-11-20T17:00:00.1234Z`: a slice takes a fraction of the time of a `Date`. */
function iso(timestamp: string): string {
  return `${timestamp.slice(0, 10)}T${timestamp.slice(11, -3)}Z`;
}

function send(response: ServerResponse, status: number, content: object): void {
  const json = JSON.stringify(content);
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(json) };
  response.writeHead(status, status === 401 ? { ...headers, 'WWW-Authenticate': 'Bearer' } : headers);
  response.end(json);
}

class Refusal extends Error {
  readonly body: { readonly error: string; readonly detail: string };

  constructor(
    readonly status: number,
    error: string,
    detail: string,
  ) {
    super(detail);
    this.body = { error, detail };
  }
}

function run(client: pg.Client, statement: { name: string; text: string }, values: unknown[]) {
  return client.query<Row>({ ...statement, values, rowMode: 'array' });
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: DATABASE_URL,
    pipeline: true,
    options: '-c TimeZone=UTC',
    types: { getTypeParser },
  });
  await client.connect();
  return client;
}

/** A bigint as a number, a timestamp as its text. */
function getTypeParser(oid: number, format?: string): (text: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  if (oid === pg.types.builtins.TIMESTAMPTZ) return String;
  return pg.types.getTypeParser(oid, format as 'text');
}
