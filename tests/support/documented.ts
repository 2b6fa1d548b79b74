import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import type { Answer, Send } from './running-app.ts';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Returns a function that checks a response against the OpenAPI document of the server: its status and its body. */
export async function documented(
  send: Send,
  prefix: string,
): Promise<(method: string, path: string, answer: Answer) => void> {
  const { body: document }: { body: Document } = await send('GET', `${prefix}/openapi.json`);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'openapi', ...document });
  const validators = new Map<string, ReturnType<typeof ajv.compile>>();
  const validate = (schema: object, body: unknown) => {
    const key = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
    const validator = validators.get(key) ?? ajv.compile(JSON.parse(key));
    validators.set(key, validator);
    expect(validator(body), `${JSON.stringify(body)}: ${ajv.errorsText(validator.errors)}`).toBe(true);
  };
  const routes = Object.entries(document.paths).map(([path, operations]) => ({
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
    operations,
  }));
  // Literal paths come before parameters, as in the router.
  routes.sort((a, b) => b.pattern.source.length - a.pattern.source.length);

  return (method, path, answer) => {
    const [pathname = ''] = path.slice(prefix.length).split('?');
    if (pathname === '/openapi.json') return;
    const operation = routes.find(({ pattern }) => pattern.test(pathname))?.operations[method.toLowerCase()];
    if (operation === undefined) {
      expect([404, 405]).toContain(answer.status);
      validate({ $ref: '#/components/schemas/Error' }, answer.body);
      return;
    }
    const response = operation.responses[answer.status];
    expect(response, `${method} ${pathname} is documented to answer ${answer.status}`).toBeDefined();
    const schema = response?.content?.['application/json']?.schema;
    if (schema === undefined) expect(answer.text).toBe('');
    else validate(schema, answer.body);
  };
}
