import { describe } from 'vitest';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { isolationSuite } from '../support/isolation-suite.ts';

const it = itWithDatabase();

describe('the conditions of the statements, with a role that row-level security does not bind', () => {
  isolationSuite(it, 'owner');
});
