import pg from 'pg';
import { SchemaChangeRefused } from './schema-change-refused.ts';
import { FIND_USER_TABLE } from './user-link-statements.ts';

/**
 * Finds the table of users.
 *
 * @param name as operators write it: `"user"`, `auth."user"`, `users`
 * @returns its name with its schema, quoted by PostgreSQL so that it is safe in SQL
 * @throws SchemaChangeRefused if tasks cannot be linked to this table
 */
export async function findUserTable(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<UserTableRow>(FIND_USER_TABLE, [name]).catch((error) => {
    throw error instanceof pg.DatabaseError
      ? new SchemaChangeRefused(`${name} is not a valid table name: ${error.message}`)
      : error;
  });
  const [table] = rows;
  if (table === undefined) {
    throw new SchemaChangeRefused(
      `There is no table ${name} in this database: run Better Auth's migrations first, or name the table with --table. ${WITHOUT}`,
    );
  }
  const obstacle = obstacleTo(table);
  if (obstacle !== undefined) throw new SchemaChangeRefused(`${table.name} ${obstacle}`);
  return table.name;
}

function obstacleTo({ is_table, id_type, is_text, is_deterministic, is_unique }: UserTableRow): string | undefined {
  if (!is_table) return `is not a table, and only a table can be the target of a foreign key. ${WITHOUT}`;
  if (id_type === null) return 'has no column id: name the table of users with --table';
  if (is_text !== true) {
    return `has an id of type ${id_type}, and the foreign key needs text, the type of user ids in tokens: configure Better Auth to use its default ids, which are text. ${WITHOUT}`;
  }
  if (!is_deterministic) {
    return `has an id with a nondeterministic collation, which treats different ids as equal. ${WITHOUT}`;
  }
  return is_unique ? undefined : 'has an id that is neither the primary key nor unique: add a unique constraint first';
}

const WITHOUT = 'Without a link, taskwell erase-user ID deletes the data of a user';

interface UserTableRow {
  readonly name: string;
  readonly is_table: boolean;
  /** `null`, as is `is_text`, if there is no column `id`. */
  readonly id_type: string | null;
  readonly is_text: boolean | null;
  readonly is_deterministic: boolean;
  readonly is_unique: boolean;
}
