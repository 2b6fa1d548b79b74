import * as v from 'valibot';
import { SEARCH_MAX, SearchWords } from '../../../domain/search-words.ts';
import type { TaskQuery } from '../../../domain/task.ts';
import type { ListFilter } from './list-filter.ts';
import { sealToken } from './opaque-token.ts';
import { pageLimit } from './page-limit.ts';
import { EXAMPLE_TASK } from './task-schemas.ts';
import { domain, entriesOf, fields, oneOf, type Schema, text } from './validation.ts';

/** What the client of a list asks for. */
export interface ListRequest {
  readonly query: TaskQuery;
  /** The most tasks in the response; `undefined`: all of them. */
  readonly limit: number | undefined;
  /** Where the page begins, as `sealCursor` makes it. */
  readonly cursor: string | undefined;
  /** The parameters of the list as they were sent, without others. */
  readonly sent: Readonly<Record<string, string>>;
}

const paging = fields({
  q: v.optional(
    v.pipe(
      text(),
      v.metadata({
        minLength: 1,
        maxLength: SEARCH_MAX,
        description: 'Words that the title and the description contain, or beginnings of words; default: all tasks',
        examples: ['milk egg'],
      }),
      domain(SearchWords),
    ),
  ),
  limit: v.optional(pageLimit('How many tasks to return. The header `Link` has the next page; default: all')),
  cursor: v.optional(
    v.pipe(
      text(),
      v.metadata({
        description: 'Where the page begins; the URL in the header `Link` has it',
        examples: [sealToken([EXAMPLE_TASK.createdAt, EXAMPLE_TASK.number], ['example'])],
      }),
    ),
  ),
  count: v.optional(
    v.pipe(
      oneOf(['true', 'false']),
      v.description('Whether to count all matching tasks in the header `X-Total-Count`; default: false'),
    ),
  ),
});

/** These parameters as they were sent: strings, once they have passed the schemas of the list. */
function asSent(names: readonly string[]) {
  return v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((query) => {
      const sent: Record<string, string> = {};
      for (const [name, value] of Object.entries(query)) {
        if (typeof value === 'string' && names.includes(name)) sent[name] = value;
      }
      return { sent };
    }),
  );
}

/** The query of a list: the filter of the contract, and what all contracts have in common. */
export function listRequest(filter: Schema<ListFilter>): Schema<ListRequest> {
  const names = [filter, paging].flatMap((part) => [...(entriesOf(part)?.keys() ?? [])]);
  return v.pipe(
    v.intersect([filter, paging, asSent(names)]),
    v.transform(({ completed, order, q, count, limit, cursor, sent }) => ({
      query: { completed, search: q, order, counted: count === 'true' },
      limit,
      cursor,
      sent,
    })),
  );
}
