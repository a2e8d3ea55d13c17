import { z } from 'zod';
import type { Signature, Tensor, TensorSpec } from '../domain/tensor';
import { ProviderError } from '../providers/ProviderError';
import type { TensorProtocol } from '../providers/Provider';
import { nest, readTensor, tensorOf, valuesOf } from './values';

/** A call of a model of tensors. */
export interface TensorCall {
  inputs: readonly Tensor[];
  /** The outputs to give, in this order. */
  outputs: readonly TensorSpec[];
  /** What the version says besides. */
  parameters: Record<string, unknown>;
}

/** How an endpoint takes and gives tensors, as pure functions. */
interface Protocol {
  /** @throws InferenceError `invalid` for what JSON cannot hold */
  encode(call: TensorCall): unknown;
  /** @throws ProviderError when it is no answer to the call */
  decode(body: unknown, call: TensorCall, signature: Signature): Tensor[];
}

const openInferenceAnswer = z.looseObject({
  outputs: z.array(
    z.looseObject({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.int().min(0)),
      data: z.array(z.unknown()),
    }),
  ),
});

/** The Open Inference Protocol v2 as JSON. */
const openInference: Protocol = {
  encode: ({ inputs, outputs, parameters }) => ({
    ...(Object.keys(parameters).length > 0 && { parameters }),
    inputs: inputs.map(input => ({
      name: input.name,
      datatype: input.datatype,
      shape: input.shape,
      data: valuesOf(input),
    })),
    outputs: outputs.map(({ name }) => ({ name })),
  }),
  decode: (body, { outputs }) => {
    const parsed = openInferenceAnswer.safeParse(body);
    if (!parsed.success) throw noAnswer('outputs');
    const given = parsed.data.outputs;
    return outputs.map(spec => {
      const found = given.find(({ name }) => name === spec.name);
      if (!found) throw missing(spec);
      if (found.datatype !== spec.datatype) {
        throw new ProviderError(
          `output "${spec.name}" of its answer is ${found.datatype}, the version says ${spec.datatype}`,
          { status: 502 },
        );
      }
      const { shape, data } = found;
      // Nested data are of older servers.
      return data.some(Array.isArray)
        ? tensorOf(data, spec)
        : readTensor({ shape, values: data }, spec);
    });
  },
};

const predictionsAnswer = z.looseObject({ predictions: z.array(z.unknown()) });

/** Rows, as Vertex AI's `predict` and TensorFlow Serving have them: bare where there is one tensor, else by name. */
const instances: Protocol = {
  encode: ({ inputs, parameters }) => {
    const rows = inputs.map(rowsOf);
    const [only] = rows;
    return {
      instances:
        inputs.length === 1
          ? only
          : only.map((_, row) =>
              Object.fromEntries(
                inputs.map(({ name }, index) => [name, rows[index][row]]),
              ),
            ),
      ...(Object.keys(parameters).length > 0 && { parameters }),
    };
  },
  decode: (body, { inputs, outputs }, signature) => {
    const parsed = predictionsAnswer.safeParse(body);
    if (!parsed.success) throw noAnswer('predictions');
    const { predictions } = parsed.data;
    const [rows] = inputs[0].shape;
    if (predictions.length !== rows) {
      throw new ProviderError(
        `its answer has ${predictions.length} predictions for ${rows} rows`,
        { status: 502 },
      );
    }
    const isBare = signature.outputs.length === 1;
    return outputs.map(spec => {
      const column = predictions.map(prediction =>
        isBare && !isNamed(prediction, spec)
          ? prediction
          : valueOf(prediction, spec),
      );
      return tensorOf(column, spec);
    });
  },
};

export const PROTOCOLS: Record<TensorProtocol, Protocol> = {
  'open-inference': openInference,
  instances,
};

/** One for each size of the first dimension. */
function rowsOf(input: Tensor): unknown[] {
  return nest(valuesOf(input), input.shape) as unknown[];
}

function isNamed(
  prediction: unknown,
  { name }: TensorSpec,
): prediction is Record<string, unknown> {
  return (
    typeof prediction === 'object' &&
    prediction !== null &&
    !Array.isArray(prediction) &&
    Object.hasOwn(prediction, name)
  );
}

function valueOf(prediction: unknown, spec: TensorSpec): unknown {
  if (!isNamed(prediction, spec)) throw missing(spec);
  return prediction[spec.name];
}

function noAnswer(field: string): ProviderError {
  return new ProviderError(`its answer has no ${field}`, { status: 502 });
}

function missing({ name }: TensorSpec): ProviderError {
  return new ProviderError(`its answer has no output "${name}"`, {
    status: 502,
  });
}
