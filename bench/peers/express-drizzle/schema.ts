import { bigint, boolean, index, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

export const tasks = pgTable(
  'tasks',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    user_id: text().notNull(),
    title: text().notNull(),
    description: text(),
    completed: boolean().notNull().default(false),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    updated_at: timestamp({ withTimezone: true })
      .notNull()
      .defaultNow()
      .$onUpdate(() => new Date()),
  },
  (table) => [index('tasks_user_id_created_at_idx').on(table.user_id, table.created_at.desc())],
);
