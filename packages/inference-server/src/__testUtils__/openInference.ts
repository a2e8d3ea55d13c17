import Ajv, { type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { SeenAnswer } from '../testing/answerChecks';

const DOCUMENT = join(
  dirname(require.resolve('../../package.json')),
  'fixtures/protocol/open_inference_rest.yaml',
);
const JSON_LENGTH = 'inference-header-content-length';

const document = parse(readFileSync(DOCUMENT, 'utf8'));
const ajv = new Ajv({ strict: false }).addSchema(document, 'protocol');

function schemaOf(name: string): ValidateFunction {
  const schema = ajv.getSchema(`protocol#/components/schemas/${name}`);
  if (!schema) throw new Error(`the protocol has no schema "${name}"`);
  return schema as ValidateFunction;
}

/** What the protocol's document says of an answer; undefined where it says nothing. */
function schemaOfAnswer(
  method: string,
  path: string,
  status: number,
): string | undefined {
  const { pathname } = new URL(path, 'http://host');
  const model = /^\/v2\/models\/[^/]+(?:\/versions\/[^/]+)?(\/infer)?\/?$/.exec(
    pathname,
  );
  const isServer = /^\/v2\/?$/.test(pathname);
  if (status >= 400 && (model || isServer))
    return 'metadata_server_error_response';
  if (status !== 200) return undefined;
  if (isServer) return 'metadata_server_response';
  if (!model || pathname === '/v2/models/stats') return undefined;
  if (model[1]) return method === 'POST' ? 'inference_response' : undefined;
  return method === 'GET' ? 'metadata_model_response' : undefined;
}

/**
 * Holds an answer against the protocol's own OpenAPI document, which knows JSON alone: tensors
 * whose values follow the JSON as bytes count as ones with values.
 *
 * @throws Error that says where they differ
 */
export function checkAnswer(answer: SeenAnswer): void {
  const { method, path, status, headers, body } = answer;
  const name = schemaOfAnswer(method, path, status);
  if (name === undefined || method === 'HEAD') return;
  const jsonBytes = headers[JSON_LENGTH];
  const json = JSON.parse(
    String(
      jsonBytes === undefined ? body : body.subarray(0, Number(jsonBytes)),
    ),
  );
  if (jsonBytes !== undefined) {
    for (const output of json.outputs) {
      if (output.parameters?.binary_data_size !== undefined) output.data ??= [];
    }
  }
  const validate = schemaOf(name);
  if (validate(json)) return;
  throw new Error(
    `the answer to ${method} ${path} is no ${name} of the Open Inference Protocol: ${JSON.stringify(
      validate.errors,
    )}`,
  );
}
