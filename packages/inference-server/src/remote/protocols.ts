import { z } from 'zod';
import type { Signature, Tensor, TensorSpec } from '../domain/tensor';
import type { TensorForm, TensorProtocol } from '../providers/Provider';
import { ProviderError } from '../providers/ProviderError';
import type { UpstreamResponse } from '../upstream/Upstream';
import { missing, noAnswer } from './answers';
import { parseAnswer } from './parseAnswer';
import { openInference } from './open-inference';
import { nest, tensorOf, valuesOf } from './values';

/** A call of a model of tensors. */
export interface TensorCall {
  inputs: readonly Tensor[];
  /** The outputs to give, in this order. */
  outputs: readonly TensorSpec[];
  /** What the version says besides. */
  parameters: Record<string, unknown>;
}

/** The body of a call, as it is sent. */
export interface EncodedTensors {
  /** JSON to be written, or bytes as they are sent. */
  body: unknown;
  headers?: Record<string, string>;
}

/** An answer as it came. */
export interface ReceivedAnswer {
  bytes: Buffer;
  headers: UpstreamResponse['headers'];
}

/** How an endpoint takes and gives tensors, as pure functions. */
export interface Protocol {
  /**
   * @param model - as the version names it
   * @throws InferenceError for what the form cannot hold
   */
  encode(call: TensorCall, form: TensorForm, model: string): EncodedTensors;
  /** @throws ProviderError when it is no answer to the call */
  decode(
    answer: ReceivedAnswer,
    form: TensorForm,
    call: TensorCall,
    signature: Signature,
  ): Tensor[];
}

const predictionsAnswer = z.looseObject({ predictions: z.array(z.unknown()) });

/** Rows, as Vertex AI's `predict` and TensorFlow Serving have them: bare where there is one tensor, else by name. */
const instances: Protocol = {
  encode: ({ inputs, parameters }) => {
    const rows = inputs.map(rowsOf);
    const [only] = rows;
    const body = {
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
    return { body };
  },
  decode: ({ bytes }, _form, { inputs, outputs }, signature) => {
    const parsed = predictionsAnswer.safeParse(parseAnswer(bytes));
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
