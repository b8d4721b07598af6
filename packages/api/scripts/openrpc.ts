// The OpenRPC document of the local API, from the schemas in packages/api: node packages/api/scripts/openrpc.ts writes docs/openrpc.json.
// A test compares the committed file with what this makes.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiCodes, eventSchema, methods } from '@mycelium/api';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

export const openRpcFile: string = path.resolve(import.meta.dirname, '../../../docs/openrpc.json');

interface ObjectSchema {
  readonly properties?: Record<string, unknown>;
  readonly required?: readonly string[];
}

const jsonSchema = (schema: GenericSchema): object => {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore' });
  return rest;
};

function describe([name, { summary, params, result }]: [
  string,
  (typeof methods)[keyof typeof methods],
]): object {
  const { properties = {}, required = [] } = jsonSchema(params) as ObjectSchema;
  return {
    name,
    summary,
    paramStructure: 'by-name',
    params: Object.entries(properties).map(([field, schema]) => ({
      name: field,
      required: required.includes(field),
      schema,
    })),
    result: { name: 'result', schema: jsonSchema(result) },
  };
}

export function openRpcDocument(): string {
  const document = {
    openrpc: '1.3.2',
    info: {
      title: 'Mycelium local API',
      version: '0.1.0',
      description:
        'JSON-RPC 2.0, one object a line, over the Unix socket of the data folder. No batches, parameters by name. docs/api.md says the rest.',
    },
    methods: Object.entries(methods).map(describe),
    'x-notifications': [
      {
        name: 'event',
        params: {
          type: 'object',
          properties: { subscription: { type: 'number' }, event: jsonSchema(eventSchema) },
        },
      },
    ],
    'x-error-codes': apiCodes,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(openRpcFile, openRpcDocument());
