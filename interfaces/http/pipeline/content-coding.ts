import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { UnsupportedMediaType } from '../errors/http-errors.ts';

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createUnzip],
  ['x-gzip', createUnzip],
  ['deflate', createUnzip],
  ['br', createBrotliDecompress],
]);

/** A body without its content coding. */
export interface DecodedBody {
  readonly stream: Readable;
  /** Stops decoding. What the client still sends is read and discarded, because it would block the next request. */
  discard(): void;
}

/**
 * Removes the content coding of a body (RFC 9110, section 8.4): at most one of gzip, deflate and br, in a list that may
 * also name `identity`.
 *
 * @throws UnsupportedMediaType
 */
export function decodeBody(request: IncomingMessage): DecodedBody {
  const field = request.headers['content-encoding'];
  if (field === undefined) return { stream: request, discard: () => void request.resume() };
  const decoder = createDecoder(field);
  // Without this, a body that breaks off would be waited for without end.
  request.once('error', (error) => decoder.destroy(error));
  return {
    stream: request.pipe(decoder),
    discard() {
      request.unpipe(decoder).resume();
      decoder.destroy();
    },
  };
}

function createDecoder(field: string): Transform {
  const codings = field.split(',').map((coding) => coding.trim().toLowerCase());
  const [coding, ...others] = codings.filter((name) => name !== '' && name !== 'identity');
  if (coding === undefined) return new PassThrough();
  const create = others.length === 0 ? DECODERS.get(coding) : undefined;
  if (create === undefined) throw new UnsupportedMediaType('The Content-Encoding of the body is not supported');
  return create();
}
