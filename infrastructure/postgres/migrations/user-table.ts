import pg from 'pg';
import { UserLinkRefused } from './user-link-refused.ts';
import { FIND_USER_TABLE } from './user-link-statements.ts';

/**
 * Finds the table that holds the users; gives its name with its schema, quoted by PostgreSQL: fit to stand in SQL.
 *
 * @param name as people write it: `"user"`, `auth."user"`, `users`
 * @throws UserLinkRefused where it is none that tasks could be linked to
 */
export async function userTable(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<UserTableRow>(FIND_USER_TABLE, [name]).catch((error) => {
    throw error instanceof pg.DatabaseError
      ? new UserLinkRefused(`${name} is no name of a table: ${error.message}`)
      : error;
  });
  const [table] = rows;
  if (table === undefined) {
    throw new UserLinkRefused(
      `There is no table ${name} in this database: run Better Auth's migrations first, or say with --table what it is called. ${WITHOUT}`,
    );
  }
  const fault = faultOf(table);
  if (fault !== undefined) throw new UserLinkRefused(`${table.name} ${fault}`);
  return table.name;
}

function faultOf({ is_table, id_type, is_text, is_deterministic, is_unique }: UserTableRow): string | undefined {
  if (!is_table) return `is a view or the like, and a foreign key wants a table. ${WITHOUT}`;
  if (id_type === null) return 'has no column id: say with --table which table holds the users';
  if (is_text !== true) {
    return `has an id of type ${id_type}, and a foreign key from ours wants text, as ids are in tokens: let Better Auth make its default ids, which are text. ${WITHOUT}`;
  }
  if (!is_deterministic) {
    return `has an id with a collation that takes different ids for the same one, and ours are compared byte by byte. ${WITHOUT}`;
  }
  return is_unique ? undefined : 'has an id that is neither its primary key nor unique: make it one of these first';
}

const WITHOUT = 'Without a link, taskwell erase-user ID deletes what belongs to a user';

interface UserTableRow {
  readonly name: string;
  readonly is_table: boolean;
  /** This and the next are null where there is no such column. */
  readonly id_type: string | null;
  readonly is_text: boolean | null;
  readonly is_deterministic: boolean;
  readonly is_unique: boolean;
}
