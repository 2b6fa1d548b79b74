import type { Statement } from '../connection/statement.ts';
import * as ofChanges from './change-statements.ts';
import * as ofErasure from './erase-statements.ts';
import * as ofKeys from './idempotency-key-statements.ts';
import { LIST_TASKS } from './list-statements.ts';
import { PAGE_TASKS } from './page-statements.ts';
import * as ofPositions from './position-statements.ts';
import * as ofState from './state-statements.ts';
import * as ofTasks from './task-statements.ts';

/** All statements on the tasks of one user, for the tests that check that each is limited to that user. */
export const STATEMENTS: readonly Statement[] = [
  ...[ofTasks, ofKeys, ofChanges, ofState, ofErasure].flatMap((module) => statementsIn(Object.values(module))),
  ...statementsIn(Object.values(LIST_TASKS)),
  ...statementsIn(Object.values(PAGE_TASKS)),
];

/** The statements on several users, which have tests of their own. */
export const STATEMENTS_ACROSS_USERS: readonly Statement[] = statementsIn(Object.values(ofPositions));

type Grouped = Statement | Readonly<Record<string, Statement>> | ((...args: never) => unknown);

function statementsIn(exported: readonly Grouped[]): Statement[] {
  return exported.flatMap((one) => {
    if (typeof one === 'function') return [];
    return isStatement(one) ? [one] : Object.values(one);
  });
}

function isStatement(one: Statement | Readonly<Record<string, Statement>>): one is Statement {
  return typeof one.text === 'string';
}
