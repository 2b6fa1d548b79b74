import { execFile } from 'node:child_process';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './build.ts';

const exec = promisify(execFile);

/** The tasks of a user in one browser, so to speak. A task is named by its title. */
export interface ExampleApp {
  /** With `, done` if the task is completed, and `, not yet created` if the server has not confirmed it. */
  titles(): string[] | Promise<string[]>;
  /** Each write resolves once the app has stored it or given it up. */
  add(title: string): Promise<unknown>;
  rename(title: string, to: string): Promise<unknown>;
  complete(title: string): Promise<unknown>;
  remove(title: string): Promise<unknown>;
  /** Stops to follow the server, and keeps what is stored. */
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
  close(): Promise<unknown>;
  /** The titles of tasks that the server did not accept. */
  readonly refused: readonly string[];
}

export interface ExampleConnection {
  readonly url: string;
  readonly userId: string;
  readonly token: () => Promise<string>;
  readonly fetch: typeof fetch;
}

type OpenApp = (connection: ExampleConnection) => Promise<ExampleApp>;

export interface ExampleApps {
  /** The folder that contains the examples, their libraries and apps that use them. */
  readonly folder: string;
  readonly openRxdb: OpenApp;
  readonly openTanstack: OpenApp;
}

const PACKAGES = ['rxdb@17.6.0', 'rxjs@7.8.2', '@tanstack/db@0.15.2', 'typescript@5.9.3', '@types/node@20'];

/** Copies the examples into a new folder, installs their libraries there, and checks all types. */
export async function installExampleApps(): Promise<ExampleApps> {
  const folder = await mkdtemp(join(tmpdir(), 'taskwell-examples-'));
  await cp(join(ROOT, 'docs/examples'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await writeFile(join(folder, 'apps.ts'), APPS);
  await writeFile(join(folder, 'tsconfig.json'), TSCONFIG);
  await exec('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...PACKAGES], { cwd: folder });
  await exec('node_modules/.bin/tsc', [], { cwd: folder });
  return { folder, ...(await import(join(folder, 'apps.ts'))) };
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2022", "lib": ["es2023", "dom", "dom.iterable"], "module": "esnext", "moduleResolution": "bundler",
    "types": ["node"], "strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true,
    "noUnusedLocals": true, "noUnusedParameters": true, "skipLibCheck": true, "noEmit": true
  },
  "include": ["*.ts"]
}`;

const APPS = `
import { createCollection } from '@tanstack/db';
import { createRxDatabase, type RxCollection } from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { replicateTasks, taskSchema } from './rxdb-replication';
import { taskCollection } from './tanstack-db-collection';
import { type Connection, type Task, taskDraft } from './tasks-client';

const label = ({ title, completed, created_at }: Task) =>
  title + (completed ? ', done' : '') + (created_at === '' ? ', not yet created' : '');

export async function openRxdb(connection: Connection) {
  const database = await createRxDatabase({ name: crypto.randomUUID(), storage: getRxStorageMemory(), multiInstance: false });
  const { tasks } = await database.addCollections<{ tasks: RxCollection<Task> }>({ tasks: { schema: taskSchema } });
  const refused: string[] = [];
  const replicate = () => {
    const replication = replicateTasks(tasks, connection, ({ title }) => refused.push(title));
    replication.retryTime = 200;
    return replication;
  };
  let replication = replicate();
  const one = (title: string) => tasks.findOne({ selector: { title } }).exec(true);
  return {
    refused,
    titles: async () => (await tasks.find().exec()).map(label),
    add: (title: string) => tasks.insert(taskDraft(title)),
    rename: async (title: string, to: string) => (await one(title)).incrementalPatch({ title: to }),
    complete: async (title: string) => (await one(title)).incrementalPatch({ completed: true }),
    remove: async (title: string) => (await one(title)).remove(),
    pause: () => replication.cancel(),
    resume: async () => { replication = replicate(); },
    close: () => database.close(),
  };
}

export async function openTanstack(connection: Connection) {
  const refused: string[] = [];
  const tasks = createCollection({ ...taskCollection(connection), startSync: true });
  await tasks.preload();
  const one = (title: string) => {
    const task = tasks.toArray.find((task) => task.title === title);
    if (task === undefined) throw new Error('no such task: ' + title);
    return task.id;
  };
  const settled = (title: string, { isPersisted }: { isPersisted: { promise: Promise<unknown> } }) =>
    isPersisted.promise.catch((error: Error) => { refused.push(title + ': ' + error.constructor.name); });
  return {
    refused,
    titles: () => tasks.toArray.map(label),
    add: async (title: string) => {
      const draft = taskDraft(title);
      await tasks.insert(draft).isPersisted.promise.catch(() => settled(title, tasks.insert(draft)));
    },
    rename: (title: string, to: string) => settled(to, tasks.update(one(title), (task) => { task.title = to; })),
    complete: (title: string) => settled(title, tasks.update(one(title), (task) => { task.completed = true; })),
    remove: (title: string) => settled(title, tasks.delete(one(title))),
    pause: () => tasks.cleanup(),
    resume: () => tasks.preload(),
    close: () => tasks.cleanup(),
  };
}
`;
