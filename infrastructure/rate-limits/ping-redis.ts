import { withTimeout } from '../with-timeout.ts';

const TIMEOUT_MS = 3_000;

/**
 * Connects to a Redis server, signs in and sends a PING, once.
 *
 * @throws Error if the server refuses or does not answer within 3 seconds
 */
export async function pingRedis(url: string): Promise<void> {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url, socket: { connectTimeout: TIMEOUT_MS, reconnectStrategy: false } });
  client.on('error', () => {}); // the command rejects as well
  try {
    const answer = client.connect().then(() => client.ping());
    await withTimeout(answer, TIMEOUT_MS, () => new Error(`no answer within ${TIMEOUT_MS / 1_000} s`));
  } finally {
    if (client.isOpen) client.destroy();
  }
}
