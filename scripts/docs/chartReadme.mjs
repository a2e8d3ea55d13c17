// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, isScalar, parseDocument } from 'yaml';
import { root } from '../lib/paths.mjs';
import { table } from './table.mjs';

const CHART = path.join(root, 'deploy/helm/greenroom');
export const README = path.join(CHART, 'README.md');

const BEGINNING = `# greenroom

Greenroom on Kubernetes: the control plane with the portal, data planes, and the migrations of the database before each
upgrade. [Install in production](../../../docs/how-to/install-in-production.md) leads through it; this page says what each
value is, made from \`values.yaml\` by \`node scripts/docs/chartReadme.mjs\`.

\`\`\`yaml
# my-values.yaml
url: https://portal.example.com
adminGroups: [group:default/ml-platform]
database:
  host: postgres.databases.svc
  existingSecret: greenroom-database # username, password
controlPlane:
  image: { repository: registry.example.com/greenroom-control-plane }
  existingSecret: greenroom-control-plane # AUTH_GITHUB_CLIENT_ID, AUTH_GITHUB_CLIENT_SECRET
dataPlane:
  image: { repository: registry.example.com/greenroom-data-plane }
dataPlanes:
  production:
    tokenSecret: { name: greenroom-token-production } # token
\`\`\`

\`\`\`sh
helm upgrade --install greenroom deploy/helm/greenroom --namespace greenroom --create-namespace --values my-values.yaml --timeout 30m
\`\`\`

What is missing is said all at once, and a value that is not known, or of another kind than it has to be, by its name.

## Values
`;

/** Values of which what is in them is the cluster's, or the reader's. */
const WHOLE = ['resources', 'dataPlanes', 'environments'];

/**
 * The page for a file of values.
 *
 * @param {string} text
 */
export function chartReadme(text) {
  const values = valuesIn(parseDocument(text).contents);
  const rows = values.map(({ name, value, meaning }) => [
    `\`${name}\``,
    value === '' || isEmpty(value) ? '' : `\`${inline(value)}\``,
    meaning,
  ]);
  return `${BEGINNING}\n${table([['value', 'default', 'meaning'], ...rows])}\n`;
}

/**
 * Every value, in the file's order; one without a comment is a mistake.
 *
 * @param {unknown} map
 * @returns {{ name: string, value: unknown, meaning: string }[]}
 */
export function valuesIn(map, prefix = '') {
  if (!isMap(map)) throw new Error(`${prefix} is no map`);
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`a key below ${prefix} is no text`);
    const name = `${prefix}${key.value}`;
    // The parser gives the comment above a map's first key to the map.
    const comment =
      key.commentBefore ?? (index === 0 ? map.commentBefore : undefined);
    const meaning = (comment ?? '').split('\n\n').at(-1) ?? '';
    const isWhole = WHOLE.includes(String(key.value));
    if (isMap(value) && value.items.length > 0 && !isWhole) {
      return valuesIn(value, `${name}.`);
    }
    return [
      {
        name,
        value: /** @type {any} */ (value).toJSON(),
        meaning: meaning.replaceAll('\n', ' ').trim(),
      },
    ];
  });
}

function isEmpty(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 0
  );
}

function inline(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function readValues() {
  return readFileSync(path.join(CHART, 'values.yaml'), 'utf8');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(README, chartReadme(readValues()));
}
