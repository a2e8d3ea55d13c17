import {
  HEADER_ASSIGNMENT_ID,
  HEADER_REQUEST_ID,
  HEADER_REQUEST_TIMEOUT,
} from '../openInference';
import { ALL_PROBLEMS, FACT_PROBLEMS, problemsOf } from './answers';
import type { VersionContract } from './contract';
import type { OpenApiDocument } from './openApi';

type Paths = OpenApiDocument['paths'];

const json = (schema: object, more: object = {}) => ({
  'application/json': { schema, ...more },
});
const tensors = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'datatype', 'shape'],
    properties: {
      name: { type: 'string' },
      datatype: { type: 'string' },
      shape: {
        type: 'array',
        description: 'Size of each dimension; -1 for a free one',
        items: { type: 'integer' },
      },
    },
  },
};

/** Headers that a request may have, whatever the model takes. */
export const REQUEST_HEADERS = [
  {
    name: HEADER_ASSIGNMENT_ID,
    description:
      'A user or session that stays on one version while a rollout moves',
    schema: { type: 'string' },
  },
  {
    name: HEADER_REQUEST_ID,
    description: 'What the caller calls the request',
    schema: { type: 'string', maxLength: 128 },
  },
].map(header => ({ in: 'header', ...header }));

const TIMEOUT_HEADER = {
  in: 'header',
  name: HEADER_REQUEST_TIMEOUT,
  description: 'For how many milliseconds the caller waits',
  schema: { type: 'integer', minimum: 1 },
};

/** What every model that is served answers: whether it is there, and what it takes. */
export function factPaths(model: string): Paths {
  const base = `/v2/models/${model}`;
  return {
    [base]: {
      get: {
        operationId: 'modelMetadata',
        summary: 'Versions, inputs and outputs',
        responses: {
          200: {
            description: 'What the model takes and gives here and now',
            content: json({
              type: 'object',
              required: ['name', 'versions', 'platform', 'inputs', 'outputs'],
              properties: {
                name: { type: 'string', const: model },
                versions: { type: 'array', items: { type: 'string' } },
                platform: { type: 'string' },
                inputs: tensors,
                outputs: tensors,
                properties: {
                  type: 'object',
                  additionalProperties: { type: 'string' },
                },
              },
            }),
          },
          ...problemsOf(FACT_PROBLEMS, 'Error'),
        },
      },
    },
    [`${base}/ready`]: {
      get: {
        operationId: 'modelReady',
        summary: 'Whether it answers',
        responses: {
          200: {
            description: 'It answers',
            content: json({ $ref: '#/components/schemas/Readiness' }),
          },
          ...problemsOf(
            FACT_PROBLEMS.filter(one => one !== '503'),
            'Error',
          ),
          503: {
            description: 'It does not answer, or the server knows no keys yet',
            content: json({
              anyOf: [
                { $ref: '#/components/schemas/Readiness' },
                { $ref: '#/components/schemas/Error' },
              ],
            }),
          },
        },
      },
    },
  };
}

/** Asking with tensors, in the words of the Open Inference Protocol. */
export function tensorPaths(model: string, contract: VersionContract): Paths {
  const { example } = contract;
  const binary = {
    'application/octet-stream': {
      schema: {
        type: 'string',
        format: 'binary',
        description: 'The same JSON, with tensors in binary behind it',
      },
    },
  };
  return {
    [`/v2/models/${model}/infer`]: {
      post: {
        operationId: 'infer',
        summary: 'Ask the model',
        parameters: [
          ...REQUEST_HEADERS,
          TIMEOUT_HEADER,
          {
            in: 'header',
            name: 'Inference-Header-Content-Length',
            description:
              'Bytes of the JSON, where binary tensors follow it in the body',
            schema: { type: 'integer', minimum: 0 },
          },
        ],
        requestBody: {
          required: true,
          content: {
            ...json(
              { $ref: '#/components/schemas/InferRequest' },
              example && { example },
            ),
            ...binary,
          },
        },
        responses: {
          200: {
            description: 'The answer',
            content: {
              ...json({ $ref: '#/components/schemas/InferResponse' }),
              ...binary,
            },
          },
          ...problemsOf(ALL_PROBLEMS, 'Error'),
        },
      },
    },
  };
}
