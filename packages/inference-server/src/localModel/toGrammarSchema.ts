import { SchemaError, type GrammarSchema } from './Engine';

/** Says something to people, and nothing about what is valid. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
]);
/** Passed on as they are: with these the grammar writes what the schema means. */
const PLAIN = new Set(['minItems', 'maxItems', 'minLength', 'maxLength']);
const TYPES = new Set([
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'object',
  'array',
]);
const FORMATS = new Set(['date-time', 'time', 'date']);
const REFERENCE = '#/$defs/';
const MAX_DEPTH = 32;

/** Where a schema lies in another one. */
interface Place {
  /** For errors. */
  path: string;
  depth: number;
  /** Names that references may have there. */
  defs: readonly string[];
}

/**
 * Makes of a JSON schema one that a grammar can be made of. What is written by the grammar is
 * valid by the schema; what no grammar holds to is refused rather than left out.
 *
 * @param path - of the schema, for errors
 * @throws SchemaError that names the place
 */
export function toGrammarSchema(schema: unknown, path: string): GrammarSchema {
  return make(schema, { path, depth: 0, defs: [] });
}

function make(schema: unknown, outer: Place): GrammarSchema {
  const { path, depth } = outer;
  if (!isRecord(schema)) {
    throw new SchemaError(`${path}: expected a JSON schema, as an object`);
  }
  if (depth > MAX_DEPTH) {
    throw new SchemaError(
      `${path}: expected at most ${MAX_DEPTH} schemas within each other`,
    );
  }
  const own = Object.keys(Object(schema.$defs));
  const inner = { depth: depth + 1, defs: [...outer.defs, ...own] };
  const made: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined || ANNOTATIONS.has(keyword)) continue;
    const place = { ...inner, path: `${path}.${keyword}` };
    Object.assign(made, translate(keyword, value, place));
  }
  checkWhole(made, schema, path);
  return made;
}

function translate(
  keyword: string,
  value: unknown,
  place: Place,
): Record<string, unknown> {
  const { path } = place;
  if (PLAIN.has(keyword)) return { [keyword]: count(value, path) };
  switch (keyword) {
    case 'type':
      return { type: type(value, path) };
    case 'enum':
      if (!Array.isArray(value) || !value.every(isPlainValue)) {
        throw new SchemaError(`${path}: expected texts, numbers, true or null`);
      }
      return { enum: value };
    case 'const':
      if (!isPlainValue(value)) {
        throw new SchemaError(
          `${path}: expected a text, a number, true or null`,
        );
      }
      return { const: value };
    case 'properties':
    case '$defs':
      return { [keyword]: each(value, place) };
    case 'items':
      return { items: make(value, place) };
    case 'prefixItems':
      return { prefixItems: list(value, place) };
    // One of them is written, so that any of them holds.
    case 'anyOf':
      return { oneOf: list(value, place) };
    case 'additionalProperties':
      return {
        additionalProperties:
          typeof value === 'boolean' ? value : make(value, place),
      };
    // All properties are written, so that those that are required are.
    case 'required':
      return {};
    case 'format':
      if (!FORMATS.has(String(value))) {
        throw new SchemaError(
          `${path}: expected date-time, time or date; this model writes no other format`,
        );
      }
      return { format: value };
    case '$ref':
      if (!place.defs.some(name => value === REFERENCE + name)) {
        throw new SchemaError(
          `${path}: expected ${REFERENCE} and the name of a schema that is there`,
        );
      }
      return { $ref: value };
    default:
      throw new SchemaError(
        `${path}: this model writes JSON by a grammar, which cannot hold to "${keyword}": leave it out`,
      );
  }
}

function checkWhole(
  made: Record<string, unknown>,
  schema: Record<string, unknown>,
  path: string,
): void {
  const kinds = ['type', 'enum', 'const', 'oneOf', '$ref'];
  if (!kinds.some(keyword => keyword in made)) {
    throw new SchemaError(
      `${path}: expected a type, enum, const, anyOf or $ref`,
    );
  }
  const { type: types, properties } = made;
  const nested = Array.isArray(types) && types.find(isNested);
  if (nested) {
    throw new SchemaError(
      `${path}.type: expected "${nested}" alone, or beside others under anyOf`,
    );
  }
  if ('format' in made && ('minLength' in made || 'maxLength' in made)) {
    throw new SchemaError(`${path}: expected a format or a length, not both`);
  }
  for (const what of ['Items', 'Length']) {
    if (Number(made[`min${what}`]) > Number(made[`max${what}`])) {
      throw new SchemaError(`${path}.min${what}: expected at most max${what}`);
    }
  }
  const { required } = schema;
  if (required === undefined) return;
  const missing = Array.isArray(required)
    ? required.find(name => !Object.hasOwn(Object(properties), String(name)))
    : '';
  if (missing !== undefined) {
    throw new SchemaError(
      `${path}.required: expected names of properties; there is no "${missing}"`,
    );
  }
}

function each(value: unknown, place: Place): Record<string, GrammarSchema> {
  const { path } = place;
  if (!isRecord(value)) throw new SchemaError(`${path}: expected an object`);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      make(one, { ...place, path: `${path}.${name}` }),
    ]),
  );
}

function list(value: unknown, place: Place): GrammarSchema[] {
  const { path } = place;
  if (!Array.isArray(value) || value.length === 0) {
    throw new SchemaError(`${path}: expected a list of schemas`);
  }
  return value.map((one, index) =>
    make(one, { ...place, path: `${path}.${index}` }),
  );
}

function type(value: unknown, path: string): unknown {
  const all = Array.isArray(value) ? value : [value];
  if (all.length === 0 || !all.every(one => TYPES.has(String(one)))) {
    throw new SchemaError(`${path}: expected ${[...TYPES].join(', ')}`);
  }
  return value;
}

function count(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    throw new SchemaError(`${path}: expected a whole number from 0`);
  }
  return Number(value);
}

function isNested(value: unknown): boolean {
  return value === 'object' || value === 'array';
}

function isPlainValue(value: unknown): boolean {
  return (
    value === null || ['string', 'number', 'boolean'].includes(typeof value)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
