// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../lib/paths.mjs';
import { table } from './table.mjs';

const SCHEMA = path.join(
  root,
  'plugins/ai-registry-common/schema/model-deployment.v2.schema.json',
);
export const PAGE = path.join(root, 'docs/reference/manifest.md');

const BEGINNING = `# Manifest

\`environments/<environment>/models/<model>.yaml\` in the environments repository says which version of a model runs in an
environment. [Promote a version](../how-to/promote-a-version.md) has it in use; this page is its format,
\`greenroom.dev/v2\`, made from the JSON schema by \`node scripts/docs/manifestReference.mjs\`.

Editors complete and check it: new files name the schema in their first line, which the YAML language server of VS Code,
JetBrains, Neovim and others reads.

\`\`\`yaml
# yaml-language-server: $schema=https://portal.example.com/api/ai-registry/schemas/model-deployment.v2.json
\`\`\`

The portal serves it there without a token; \`@greenroom/plugin-ai-registry-common\` has it as
\`schema/model-deployment.v2.schema.json\`.

**Sections that do nothing yet.** The format is complete, this release is not: it does not act on \`replicas\` and \`resources\`. A
manifest with one of them is not applied, and says which field to leave out: nothing in a manifest is ever ignored in
silence.

**Older manifests.** \`greenroom.dev/v1\` is read as before. A promotion writes the file it changes as \`greenroom.dev/v2\`,
with its comments, and its page and its change request say so. By hand: change \`apiVersion\`, take \`steps: []\` away
from an immediate rollout, and write \`holdSeconds\` as a whole number.
`;

/**
 * The page for a schema.
 *
 * @param {any} schema
 */
export function manifestReference(schema) {
  return `${BEGINNING}\n${describeSchema('ModelDeployment', schema)}`;
}

/** All sections of a schema, below a heading with the name of what it describes. */
export function describeSchema(name, schema) {
  return section(name, schema, 2, name);
}

/** A heading, what it is, a table of its fields, and the sections of those that have fields themselves. */
function section(title, schema, level, root) {
  const parts = [`${'#'.repeat(Math.min(level, 6))} ${title}`];
  if (schema.description) parts.push(schema.description);
  const { properties, required = [] } = schema;
  if (properties) {
    const rows = Object.entries(properties).map(([name, field]) => [
      `\`${name}\``,
      describeType(field),
      required.includes(name) ? 'yes' : '',
      textOf(field),
    ]);
    parts.push(table([['field', 'value', 'needed', 'meaning'], ...rows]));
  }
  const inner = Object.entries(properties ?? {}).flatMap(([name, field]) =>
    shapesOf(field).map((shape, _, all) => {
      const base = `${title === root ? '' : `${title}.`}${name}${
        field.type === 'array' ? '[]' : ''
      }`;
      const path = base.replace(/ \(.*?\)/g, '');
      return section(
        all.length > 1 ? `${path} (${kindOf(shape)})` : path,
        shape,
        level + 1,
        root,
      );
    }),
  );
  const text = parts.join('\n\n');
  return [`${text}\n`, ...inner].join('\n');
}

/** The objects that a field may be, or a list of it has. */
function shapesOf(field) {
  const one = field.type === 'array' ? field.items : field;
  const shapes = one.oneOf ?? one.anyOf ?? [one];
  return shapes.filter(shape => shape.properties);
}

/** What tells a shape from its neighbours: its constant, or its first field. */
function kindOf({ properties }) {
  const [[name, first]] = Object.entries(properties);
  return ['strategy', 'kind'].includes(name) ? first.const : name;
}

function textOf(field) {
  return (field.description ?? '').replaceAll('|', '\\|');
}

function describeType(field) {
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.enum) return field.enum.map(value => `\`${value}\``).join(', ');
  if (field.type === 'array') {
    const { minItems = 0, maxItems } = field;
    return `list of ${minItems} to ${maxItems}`;
  }
  const shapes = field.oneOf ?? field.anyOf;
  if (shapes?.every(shape => shape.properties)) {
    return shapes.map(shape => `\`${kindOf(shape)}\``).join(', ');
  }
  if (shapes) {
    return shapes.map(({ type }) => WORDS[type] ?? type).join(', ');
  }
  if (field.type === 'object') {
    return field.properties ? 'see below' : 'JSON object';
  }
  if (field.type === 'integer' || field.type === 'number') {
    return `${field.type === 'integer' ? 'whole number' : 'number'}, ${range(
      field,
    )}`;
  }
  return field.type === 'boolean' ? '`true`, `false`' : 'text';
}

/** What a value may be, where it may be several. */
const WORDS = { number: 'number', string: 'text', boolean: '`true`, `false`' };

function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }) {
  if (maximum === undefined && exclusiveMaximum === undefined) {
    return minimum === undefined ? 'any' : `${minimum} or more`;
  }
  const low = minimum === undefined ? `more than ${exclusiveMinimum}` : minimum;
  const high =
    maximum === undefined ? `less than ${exclusiveMaximum}` : `${maximum}`;
  return `${low} to ${high}`;
}

export function readSchema() {
  return JSON.parse(readFileSync(SCHEMA, 'utf8'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(PAGE, manifestReference(readSchema()));
}
