/** The most connections for accounts that a worker opens, beside those for tasks. */
export const ACCOUNTS_POOL_SIZE = 4;
