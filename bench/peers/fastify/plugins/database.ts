import fp from 'fastify-plugin';
import pg from 'pg';

declare module 'fastify' {
  interface FastifyInstance {
    pg: pg.Pool;
  }
}

/** A bigint as a number: ids stay far below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export const database = fp(
  async (app, { url }: { url: string }) => {
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    pool.on('error', (error) => app.log.error(error));
    app.decorate('pg', pool);
    app.addHook('onClose', () => pool.end());
  },
  { name: 'database' },
);
