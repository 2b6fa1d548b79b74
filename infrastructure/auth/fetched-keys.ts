import { PublicKeys } from './public-keys.ts';

/** The largest key set that is read, in bytes: some three hundred keys. */
const BODY_MAX = 64 * 1024;

/**
 * The keys that an endpoint publishes. It is somebody else's: it gets no more time, and no more memory, than it needs,
 * and it does not send us elsewhere.
 *
 * @param timeout milliseconds for the whole answer
 * @throws Error that says what is wrong with the answer, or that there was none
 */
export async function fetchedKeys(url: string, timeout: number): Promise<PublicKeys> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered with status ${response.status}`);
  }
  return PublicKeys.from(parsed(await text(response)));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error('its answer is no JSON'); // JavaScript's own message quotes it
  }
}

async function text(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > BODY_MAX) throw new Error(`its answer is larger than ${BODY_MAX / 1024} KiB`); // and the rest is not read
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
