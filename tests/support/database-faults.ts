import type pg from 'pg';
import type { TcpProxy } from './tcp-proxy.ts';
import type { TestCluster } from './test-cluster.ts';

/** A server of PostgreSQL behind a proxy. Taskwell connects through the proxy. */
export interface FaultyDatabase {
  readonly cluster: TestCluster;
  readonly proxy: TcpProxy;
}

export interface Fault {
  /** Which requests fail. */
  readonly refuses: 'everything' | 'writes';
  begin(database: FaultyDatabase): Promise<unknown>;
  end(database: FaultyDatabase): Promise<unknown>;
}

/** Sessions that take what Taskwell needs: its connections, or a lock. */
const hoarders: pg.Client[] = [];
const endHoarders = () => Promise.all(hoarders.splice(0).map((client) => client.end()));

/** Faults that the server knows after a while, so that it refuses requests at once. */
export const LASTING_FAULTS = {
  'the network refuses connections': {
    refuses: 'everything',
    begin: ({ proxy }) => proxy.set('refuse'),
    end: ({ proxy }) => proxy.set('pass'),
  },
  'the network is silent': {
    refuses: 'everything',
    begin: ({ proxy }) => proxy.set('silent'),
    end: ({ proxy }) => proxy.set('pass'),
  },
  'the network loses everything': {
    refuses: 'everything',
    begin: ({ proxy }) => proxy.set('blackHole'),
    end: async ({ proxy }) => {
      proxy.reset();
      await proxy.set('pass');
    },
  },
  'the server is shut down': {
    refuses: 'everything',
    begin: ({ cluster }) => cluster.stop(),
    end: ({ cluster }) => cluster.start(),
  },
  'the server is killed': {
    refuses: 'everything',
    begin: ({ cluster }) => cluster.kill(),
    end: ({ cluster }) => cluster.start(),
  },
  'the server is frozen': {
    refuses: 'everything',
    begin: async ({ cluster }) => cluster.freeze(),
    end: async ({ cluster }) => cluster.thaw(),
  },
  'the server is in recovery': {
    refuses: 'everything',
    begin: ({ cluster }) => cluster.becomeStandby({ hot: false }),
    end: ({ cluster }) => cluster.becomePrimary(),
  },
  'the server has no connection left': {
    refuses: 'everything',
    begin: async ({ cluster }) => {
      await cluster.disconnect();
      for (;;) {
        const client = await cluster.connect().catch((error) => String(error.code));
        if (client === '53300') return;
        if (typeof client !== 'string') hoarders.push(client);
      }
    },
    end: endHoarders,
  },
  'the password of the role was changed': {
    refuses: 'everything',
    begin: async ({ cluster }) => {
      await cluster.query(`alter role app password 'another'`);
      await cluster.disconnect();
    },
    end: ({ cluster }) => cluster.query(`alter role app password 'app'`),
  },
  'the database is closed for maintenance': {
    refuses: 'everything',
    begin: async ({ cluster }) => {
      await cluster.query('alter database taskwell allow_connections false', [], 'postgres');
      await cluster.disconnect();
    },
    end: ({ cluster }) => cluster.query('alter database taskwell allow_connections true', [], 'postgres'),
  },
  'the table is gone': {
    refuses: 'everything',
    begin: ({ cluster }) => cluster.query('alter table tasks rename to tasks_elsewhere'),
    end: ({ cluster }) => cluster.query('alter table tasks_elsewhere rename to tasks'),
  },
  'the role has lost its rights': {
    refuses: 'everything',
    begin: ({ cluster }) => cluster.query('alter table tasks owner to postgres'),
    end: ({ cluster }) => cluster.query('alter table tasks owner to app'),
  },
  'the role has lost its schema': {
    refuses: 'everything',
    begin: ({ cluster }) => cluster.query('alter schema public rename to private'),
    end: ({ cluster }) => cluster.query('alter schema private rename to public'),
  },
  'the database is read-only': {
    refuses: 'writes',
    begin: async ({ cluster }) => {
      await cluster.query('alter database taskwell set default_transaction_read_only = on');
      await cluster.disconnect();
    },
    end: async ({ cluster }) => {
      const undo = 'alter database taskwell reset default_transaction_read_only';
      await cluster.query(undo, [], 'postgres');
    },
  },
  'the server is a hot standby': {
    refuses: 'writes',
    begin: ({ cluster }) => cluster.becomeStandby({ hot: true }),
    end: ({ cluster }) => cluster.becomePrimary(),
  },
} as const satisfies Readonly<Record<string, Fault>>;

/** Faults that the server has to find out anew for each request or connection. */
const OTHER_FAULTS = {
  'a table is locked': {
    refuses: 'everything',
    begin: async ({ cluster }) => {
      const client = await cluster.connect();
      hoarders.push(client);
      await client.query('begin');
      await client.query('lock table tasks in access exclusive mode');
    },
    end: endHoarders,
  },
  'the connections are half open': {
    refuses: 'everything',
    begin: async ({ proxy }) => proxy.halfOpen(),
    end: async ({ proxy }) => proxy.reset(),
  },
} as const satisfies Readonly<Record<string, Fault>>;

export const FAULTS: Readonly<Record<string, Fault>> = { ...LASTING_FAULTS, ...OTHER_FAULTS };
