import { type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import type { Contract } from '../contracts/contract.ts';

export type { JsonSchema };

/** The schemas of a contract as JSON Schema (draft 2020-12), with its task and its error as components. */
export function schemasOf({ task, responses }: Contract) {
  const definitions = { Task: task.schema, Error: responses.error.schema };
  const shared = {
    definitions,
    target: 'draft-2020-12',
    overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
  } as const;
  const convert = (schema: GenericSchema, typeMode: 'input' | 'ignore'): JsonSchema => {
    const { $schema, $defs, ...rest } = toJsonSchema(schema, { ...shared, typeMode });
    return rest;
  };
  return {
    /** What a body that goes out is. */
    of: (schema: GenericSchema) => convert(schema, 'ignore'),
    /** What a value that comes in has to be, before anything is made of it. */
    sent: (schema: GenericSchema) => convert(schema, 'input'),
    components: toJsonSchemaDefs(definitions, shared),
  };
}

/** The fields of an object and what they have to be. */
export function propertiesOf({ properties = {} }: JsonSchema): [name: string, schema: JsonSchema][] {
  return Object.entries(properties).map(([name, schema]) => [name, typeof schema === 'boolean' ? {} : schema]);
}

/** How the schemas of one contract are converted. */
export type Schemas = ReturnType<typeof schemasOf>;

/** A value that a schema of an object's fields allows. */
export function exampleOf(schema: JsonSchema): unknown {
  const { examples, anyOf: [first] = [], type, properties } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (typeof first === 'object') return exampleOf(first);
  if (properties === undefined) return type === 'boolean';
  return Object.fromEntries(propertiesOf(schema).map(([name, property]) => [name, exampleOf(property)]));
}
