import fp from 'fastify-plugin';

/** Browsers' clients name a content type also where they send nothing: Fastify's own parser refuses that. */
export const json = fp(
  async (app) => {
    const parse = app.getDefaultJsonParser('error', 'error');
    app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
      if (body === '') return done(null, undefined);
      return parse(request, body, done);
    });
  },
  { name: 'json' },
);
