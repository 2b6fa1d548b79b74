import { inject } from 'vitest';

/** Whether servers of the tests connect through PgBouncer in transaction mode: `npm run test:pooler`. */
export const usesPooler = Boolean(inject('poolerUrl'));

/** Whether statements are prepared. Tests cover both, unless a pooler does not keep prepared statements. */
export const PREPARING = usesPooler ? [false] : [true, false];
