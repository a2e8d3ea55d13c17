import { SchemaError } from './Engine';
import { toGrammarSchema } from './toGrammarSchema';

const make = (schema: unknown) => toGrammarSchema(schema, 'schema');

it('leaves what grammars hold to, and says any of in their word', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Order',
    type: 'object',
    properties: {
      when: { type: 'string', format: 'date', description: 'Of the order' },
      note: { anyOf: [{ type: 'string', maxLength: 20 }, { type: 'null' }] },
      lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 1 },
      kind: { enum: ['a', 'b', 1, null] },
    },
    required: ['when', 'lines'],
    additionalProperties: false,
    $defs: { line: { type: ['integer', 'null'] } },
  };
  expect(make(schema)).toEqual({
    type: 'object',
    properties: {
      when: { type: 'string', format: 'date' },
      note: { oneOf: [{ type: 'string', maxLength: 20 }, { type: 'null' }] },
      lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 1 },
      kind: { enum: ['a', 'b', 1, null] },
    },
    additionalProperties: false,
    $defs: { line: { type: ['integer', 'null'] } },
  });
});

it.each<[string, unknown, RegExp]>([
  ['no schema', 'string', /schema: expected a JSON schema/],
  ['nothing', {}, /schema: expected a type/],
  [
    'a pattern',
    { type: 'object', properties: { a: { type: 'string', pattern: '^x' } } },
    /schema\.properties\.a\.pattern: .*cannot hold to "pattern"/,
  ],
  ['a bound', { type: 'number', minimum: 3 }, /schema\.minimum/],
  ['exactly one of', { oneOf: [{ type: 'null' }] }, /schema\.oneOf/],
  ['another type', { type: 'date' }, /schema\.type: expected string/],
  [
    'an object among types',
    { type: ['object', 'null'] },
    /expected "object" alone/,
  ],
  ['another format', { type: 'string', format: 'email' }, /schema\.format/],
  ['a schema elsewhere', { $ref: 'http://other.test/' }, /schema\.\$ref/],
  [
    'a schema that is not there',
    { type: 'array', items: { $ref: '#/$defs/b' }, $defs: { a: { const: 1 } } },
    /schema\.items\.\$ref: expected #\/\$defs\//,
  ],
  [
    'a property that nobody describes',
    { type: 'object', properties: {}, required: ['toString'] },
    /schema\.required: .*no "toString"/,
  ],
  [
    'lengths that cannot be',
    { type: 'array', minItems: 2, maxItems: 1 },
    /schema\.minItems/,
  ],
  ['half a length', { type: 'string', maxLength: 0.5 }, /schema\.maxLength/],
])('refuses %s by its place', (_what, schema, reason) => {
  expect(() => make(schema)).toThrow(SchemaError);
  expect(() => make(schema)).toThrow(reason);
});

it('refuses what is nested without end', () => {
  let schema: object = { type: 'null' };
  for (let i = 0; i < 1_000; i++) schema = { type: 'array', items: schema };
  expect(() => make(schema)).toThrow(/at most 32 schemas within each other/);
});
