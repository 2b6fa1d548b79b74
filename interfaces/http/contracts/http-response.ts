import type { Readable } from 'node:stream';
import type * as v from 'valibot';
import type { EventStream } from './event-stream.ts';

type Headers = Readonly<Record<string, string>>;

/** A response as data. The body is JSON, JSON in pieces, events or a stream; the last two need a `Content-Type` header. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Headers | undefined;
  readonly body?: unknown;
}

/** The text of a JSON body in pieces, for a body that is too large for memory. Whoever makes it vouches for its shape. */
export class JsonPieces<Body> {
  declare readonly body: Body;

  constructor(readonly pieces: AsyncIterable<string>) {}
}

/** The headers that endpoints can set. */
export type ResponseHeader = 'ETag' | 'X-Task-Position' | 'Idempotency-Replayed' | 'Link' | 'X-Total-Count';

/** A header that a response has, with its meaning there if that is not its usual one. */
export type DeclaredHeader = ResponseHeader | { readonly name: ResponseHeader; readonly description: string };

/** Declares a response that is no error: JSON with its schema, a stream with its media type, or no body. */
export type ResponseDeclaration = {
  readonly description: string;
  readonly headers?: readonly DeclaredHeader[];
} & (
  | { readonly schema: v.GenericSchema; readonly example: unknown; readonly contentType?: never }
  | { readonly contentType: string; readonly example: string; readonly schema?: never }
  | { readonly schema?: never; readonly contentType?: never }
);

/** The responses of an endpoint by their status, without its errors. */
export type ResponseDeclarations = Readonly<Record<number, ResponseDeclaration>>;

/** One of the declared responses. Another status, or a body that does not match its schema, does not compile. */
export type DeclaredResponse<Declared extends ResponseDeclarations> = {
  [Status in keyof Declared & number]: { readonly status: Status; readonly headers?: Headers | undefined } & Body<
    Declared[Status]
  >;
}[keyof Declared & number];

type Body<Declared extends ResponseDeclaration> = Declared extends {
  readonly schema: infer Schema extends v.GenericSchema;
}
  ? { readonly body: v.InferInput<Schema> | JsonPieces<v.InferInput<Schema>> }
  : {
      readonly body: Declared extends { readonly contentType: string }
        ? Readable | ReadableStream | EventStream
        : undefined;
    };

/** 200 with a body. */
export function ok<Body>(body: Body, headers?: Headers) {
  return { status: 200, headers, body } as const;
}

/** 201 with a body. */
export function created<Body>(body: Body, headers?: Headers) {
  return { status: 201, headers, body } as const;
}

/** 204 without a body. */
export function noContent(headers?: Headers) {
  return { status: 204, headers, body: undefined } as const;
}

/** 304: the client has the current state. It has the ETag that a 200 would have (RFC 9110, section 15.4.5). */
export function notModified(headers: Headers) {
  return { status: 304, headers, body: undefined } as const;
}

/** The JSON body of a response: its schema, and the function that makes it. */
export interface ResponseBody<Args extends readonly unknown[], Body extends v.GenericSchema = v.GenericSchema> {
  readonly schema: Body;
  readonly of: (...args: Args) => v.InferInput<Body>;
}

/** Pairs a schema with the function that makes the body. A body that does not match the schema does not compile. */
export function responseBody<const Body extends v.GenericSchema, Args extends readonly unknown[]>(
  schema: Body,
  of: (...args: Args) => v.InferInput<Body>,
): ResponseBody<Args, Body> {
  return { schema, of };
}

/** Declares a JSON response. The remaining arguments make the example for the documentation. */
export function json<Args extends readonly unknown[], Body extends v.GenericSchema>(
  description: string,
  { schema, of }: ResponseBody<Args, Body>,
  ...example: Args
) {
  return { description, schema, example: of(...example) };
}
