import type {
  FeatureSpec,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { valueSchema } from './datatypes';
import type { JsonSchema } from './openApi';
import type { VersionContract } from './contract';

/** The body of an infer request of one version, exactly. */
export function requestSchema(contract: VersionContract): JsonSchema {
  const { inputs, outputs } = contract.signature ?? { inputs: [], outputs: [] };
  return {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: { type: 'string', description: 'Comes back in the answer' },
      parameters: {
        type: 'object',
        additionalProperties: false,
        properties: {
          binary_data_output: {
            type: 'boolean',
            description:
              'Whether outputs come in binary that say nothing themselves',
          },
          timeout: {
            type: 'integer',
            minimum: 1,
            maximum: 86_400_000_000,
            description: 'For how many microseconds the caller waits',
          },
        },
      },
      inputs: {
        type: 'array',
        description: 'Each input once, in any order',
        minItems: inputs.length,
        maxItems: inputs.length,
        items: oneOf(inputs.map(spec => inputSchema(spec, contract))),
        ...(inputs.length > 1 && {
          allOf: inputs.map(({ name }) => ({
            contains: { properties: { name: { const: name } } },
          })),
        }),
      },
      outputs: {
        type: 'array',
        description: 'Outputs that are wanted; all of them when left out',
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string', enum: outputs.map(({ name }) => name) },
            parameters: {
              type: 'object',
              additionalProperties: false,
              properties: {
                binary_data: { type: 'boolean' },
                classification: {
                  type: 'integer',
                  minimum: 1,
                  description: 'How many of the highest values of each row',
                },
                content_type: { type: 'string', enum: ['np', 'str'] },
              },
            },
          },
        },
      },
    },
  };
}

/** The answer of one version in JSON. */
export function answerSchema(
  contract: VersionContract,
  model: string,
): JsonSchema {
  const { outputs } = contract.signature ?? { outputs: [] };
  return {
    type: 'object',
    required: ['model_name', 'model_version', 'outputs'],
    properties: {
      model_name: { type: 'string', const: model },
      model_version: { type: 'string', description: 'Who answered' },
      id: { type: 'string' },
      outputs: {
        type: 'array',
        items: oneOf(outputs.map(spec => outputSchema(spec, contract))),
      },
    },
  };
}

function oneOf(schemas: JsonSchema[]): JsonSchema {
  return schemas.length === 1 ? schemas[0] : { anyOf: schemas };
}

function inputSchema(spec: TensorSpec, contract: VersionContract): JsonSchema {
  const { name, datatype } = spec;
  const value = valueSchema(datatype);
  return {
    type: 'object',
    description: describeInput(spec, contract),
    required: ['name', 'datatype', 'shape', value ? 'data' : 'parameters'],
    properties: {
      name: { type: 'string', const: name },
      datatype: { type: 'string', const: datatype },
      shape: shapeSchema(spec),
      ...(value ? { data: dataSchema(value) } : binarySchema()),
    },
  };
}

function outputSchema(spec: TensorSpec, contract: VersionContract): JsonSchema {
  const { name, datatype } = spec;
  const value = valueSchema(datatype);
  return {
    type: 'object',
    description: describeOutput(spec, contract),
    required: ['name', 'datatype', 'shape'],
    properties: {
      name: { type: 'string', const: name },
      // The classification extension gives texts in the place of numbers.
      datatype: { type: 'string', enum: [...new Set([datatype, 'BYTES'])] },
      shape: { type: 'array', items: { type: 'integer', minimum: 0 } },
      parameters: { type: 'object' },
      data: value
        ? { type: 'array', items: { anyOf: [value, { type: 'string' }] } }
        : { type: 'array', items: { type: 'string' } },
    },
  };
}

/** The first free dimension is mostly the row; each takes any size from 1. */
function shapeSchema({ shape }: TensorSpec): JsonSchema {
  return {
    type: 'array',
    description: `${formatShape(shape)}${
      shape.includes(-1) ? ', where -1 is any size from 1' : ''
    }`,
    minItems: shape.length,
    maxItems: shape.length,
    prefixItems: shape.map(size =>
      size < 0
        ? { type: 'integer', minimum: 1 }
        : { type: 'integer', const: size },
    ),
  };
}

function dataSchema(value: JsonSchema): JsonSchema {
  return {
    type: 'array',
    description: 'Row-major, flat or nested',
    items: { anyOf: [value, { type: 'array' }] },
  };
}

function binarySchema(): Record<string, JsonSchema> {
  return {
    parameters: {
      type: 'object',
      required: ['binary_data_size'],
      properties: {
        binary_data_size: {
          type: 'integer',
          minimum: 0,
          description:
            'Bytes of the values behind the JSON, which has no form for this datatype',
        },
        content_type: { type: 'string', enum: ['np', 'str'] },
      },
    },
  };
}

function formatShape(shape: number[]): string {
  return `[${shape.join(', ')}]`;
}

function describeInput(spec: TensorSpec, contract: VersionContract): string {
  const { schema, featureCount } = contract;
  const features = (schema?.features ?? [])
    .filter(({ tensor }) => tensor === spec.name)
    .sort((a, b) => a.index - b.index);
  const head = `\`${spec.name}\`: ${spec.datatype} ${formatShape(spec.shape)}`;
  if (features.length === 0) return head;
  const told = schema?.features.length ?? 0;
  const more =
    featureCount > told
      ? [`- and ${featureCount - told} more, which the model's page names`]
      : [];
  return [
    `${head}. What its columns mean, by their place in a row:`,
    '',
    ...features.map(describeFeature),
    ...more,
  ].join('\n');
}

function describeFeature(feature: FeatureSpec): string {
  const { index, name, description, unit, range } = feature;
  const facts = [
    ...(unit ? [unit] : []),
    ...(range ? [`${range[0]} to ${range[1]} in training`] : []),
  ];
  return `- ${index}: \`${name}\`${
    facts.length > 0 ? ` (${facts.join(', ')})` : ''
  }${description ? `, ${description}` : ''}`;
}

function describeOutput(spec: TensorSpec, contract: VersionContract): string {
  const { prediction } = contract.schema ?? {};
  const parts = [
    `\`${spec.name}\`: ${spec.datatype} ${formatShape(spec.shape)}`,
  ];
  if (prediction?.tensor === spec.name) {
    const { labels, unit } = prediction;
    parts.push(
      `the answer${unit ? ` in ${unit}` : ''}${
        labels
          ? `, one of ${labels.map(label => `\`${label}\``).join(', ')}`
          : ''
      }`,
    );
  }
  if (prediction?.probabilityTensor === spec.name) {
    parts.push('the probability of each class, in their order');
  } else if (spec.labels) {
    parts.push(`its places are ${spec.labels.join(', ')}`);
  }
  return parts.join('; ');
}
