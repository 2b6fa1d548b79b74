import { type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import type { Contract } from '../contracts/contract.ts';

export type { JsonSchema };

/** Converts the schemas of a contract to JSON Schema (draft 2020-12). Its task and its error become components. */
export function schemasOf({ task, error }: Contract) {
  const definitions = { Task: task.schema, Error: error.schema };
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
    /** The schema of a response body. */
    of: (schema: GenericSchema) => convert(schema, 'ignore'),
    /** The schema of a value that a client sends, before it is converted. */
    sent: (schema: GenericSchema) => convert(schema, 'input'),
    components: toJsonSchemaDefs(definitions, shared),
  };
}

/** The fields of an object, or of all parts of an object, with their schemas. */
export function propertiesOf({ properties = {}, allOf = [] }: JsonSchema): [name: string, schema: JsonSchema][] {
  const own = Object.entries(properties).map(([name, schema]): [string, JsonSchema] => [name, toObject(schema)]);
  return [...own, ...allOf.flatMap((part) => propertiesOf(toObject(part)))];
}

function toObject(schema: JsonSchema | boolean): JsonSchema {
  return typeof schema === 'boolean' ? {} : schema;
}

/** Converts the schemas of one contract. */
export type Schemas = ReturnType<typeof schemasOf>;

/** A value that a schema allows. */
export function exampleOf(schema: JsonSchema): unknown {
  const { examples, anyOf: [first] = [], type, properties } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (typeof first === 'object') return exampleOf(first);
  if (properties === undefined) return type === 'boolean';
  return Object.fromEntries(propertiesOf(schema).map(([name, property]) => [name, exampleOf(property)]));
}
