import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { SeenAnswer } from '../testing/answerChecks';

const CATALOG = join(__dirname, '../../../../catalog-info.yaml');
const API = 'open-inference-protocol';
/** As of requests that are for no operation, or none that can be read. */
const OF_NO_OPERATION = [404, 405, 431];

interface Operation {
  responses: Record<string, { $ref: string }>;
}

/** The OpenAPI document that the catalog shows to callers. */
export interface CatalogDocument {
  paths: Record<
    string,
    Partial<Record<'get' | 'post', Operation>> & { parameters?: object[] }
  >;
  components: Record<'responses', Record<string, object>>;
}

export function readCatalogDocument(): CatalogDocument {
  const entities = parseAllDocuments(readFileSync(CATALOG, 'utf8'));
  const api = entities
    .map(entity => entity.toJS())
    .find(({ metadata }) => metadata.name === API);
  return parse(api.spec.definition);
}

const document = readCatalogDocument();
const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(
  document,
  'catalog',
);

/** Those without parameters first, as the server does. */
const TEMPLATES = Object.keys(document.paths)
  .sort((a, b) => Number(a.includes('{')) - Number(b.includes('{')))
  .map(path => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
  }));

const NONE: Operation = { responses: {} };

/** @returns undefined for a path that is of another API, or that nothing is at */
function operationOf(method: string, path: string): Operation | undefined {
  const { pathname } = new URL(path, 'http://host');
  const template = TEMPLATES.find(({ pattern }) => pattern.test(pathname));
  if (!template) return undefined;
  const { get = NONE, post = NONE } = document.paths[template.path];
  return method === 'POST' ? post : get;
}

/**
 * Holds an answer against the document in the catalog: whether it names the status, and whether the
 * body is what it says.
 *
 * @throws Error that says where they differ
 */
export function checkByCatalog(answer: SeenAnswer): void {
  const { method, path, status, headers, body } = answer;
  const operation = operationOf(method, path);
  if (!operation) return;
  const named = operation.responses[status];
  if (!named && !OF_NO_OPERATION.includes(status)) {
    throw new Error(
      `${method} ${path} is answered with ${status}, which the API ${API} in catalog-info.yaml does not name`,
    );
  }
  const isJson = headers['content-type'] === 'application/json';
  if (!named || !isJson || method === 'HEAD') return;
  const validate = ajv.getSchema(
    `catalog${named.$ref}/content/application~1json/schema`,
  );
  if (!validate) throw new Error(`${named.$ref} has no schema of JSON`);
  if (validate(JSON.parse(String(body)))) return;
  throw new Error(
    `the answer ${status} to ${method} ${path} is not what the API ${API} in catalog-info.yaml says: ${JSON.stringify(
      validate.errors,
    )}`,
  );
}
