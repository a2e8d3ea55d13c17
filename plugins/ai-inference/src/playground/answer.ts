import type { InferResponse } from '@greenroom/plugin-ai-inference-common';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';

/** What a model said about one row. */
export type Answer =
  | {
      kind: 'class';
      label: string;
      /** The most likely first; empty when the version gives no probabilities. */
      probabilities: { label: string; probability: number }[];
    }
  | { kind: 'value'; value: number; unit?: string };

/**
 * Reads the first row of a response with what the version's schema says of it;
 * undefined when the response does not have the tensor that the schema names.
 */
export function readAnswer(
  response: InferResponse,
  schema: ModelSchema,
): Answer | undefined {
  const { prediction, task } = schema;
  const first = valuesOf(response, prediction.tensor)?.[0];
  if (first === undefined) return undefined;
  if (task === 'regression') {
    const value = Number(first);
    return Number.isNaN(value)
      ? undefined
      : { kind: 'value', value, unit: prediction.unit };
  }
  const { codes } = prediction;
  const labels = prediction.labels ?? codes ?? [];
  const probabilities = prediction.probabilityTensor
    ? valuesOf(response, prediction.probabilityTensor) ?? []
    : [];
  return {
    kind: 'class',
    label:
      typeof first === 'number'
        ? labels[codes ? codes.indexOf(`${first}`) : first] ?? `${first}`
        : `${first}`,
    probabilities: probabilities
      .map((probability, index) => ({
        label: labels[index] ?? `${index}`,
        probability: Number(probability),
      }))
      .sort((a, b) => b.probability - a.probability),
  };
}

function valuesOf(
  response: InferResponse,
  tensor: string,
): unknown[] | undefined {
  const output = response.outputs.find(({ name }) => name === tensor);
  return output && (output.data as unknown[]).flat(Infinity);
}
