import { DATATYPE_FACTS } from '../../domain/datatypes';
import { InferenceError } from '../../domain/InferenceError';
import type { TensorVersion } from '../../domain/ServedVersion';
import { elementCount, type Tensor } from '../../domain/tensor';

/**
 * The classification extension of the Open Inference Protocol: instead of an output's values, the
 * highest of each row with their places, as `value:index`, or `value:index:label`.
 *
 * @param output - of shape `[rows, ...]`; one without dimensions, or with one, is one row
 * @param most - how many of each row; fewer where the row is shorter
 * @param labels - of the places, where they are known
 * @returns BYTES of shape `[rows, most]`, or `[most]` for one row without a dimension of its own
 * @throws InferenceError `invalid` for outputs that have no order
 */
export function classify(
  output: Tensor,
  most: number,
  labels?: readonly string[],
): Tensor {
  const { name, shape, data } = output;
  if (Array.isArray(data) || DATATYPE_FACTS[output.datatype].bits) {
    throw new InferenceError(
      'invalid',
      `output "${name}": "classification" needs numbers to order, and it is ${output.datatype}`,
    );
  }
  const hasRows = shape.length > 1;
  const rows = hasRows ? shape[0] : 1;
  const width = rows === 0 ? 0 : elementCount(shape) / rows;
  const count = Math.min(most, width);
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    const places = Array.from(values.keys()).sort(
      (a, b) => compare(values[b], values[a]) || a - b,
    );
    for (const place of places.slice(0, count)) {
      const label = labels?.[place];
      texts.push(
        `${values[place]}:${place}${label === undefined ? '' : `:${label}`}`,
      );
    }
  }
  return {
    name,
    datatype: 'BYTES',
    shape: hasRows ? [rows, count] : [count],
    data: texts,
  };
}

/**
 * The same for those of a request's outputs of which it is wanted.
 *
 * @param classified - how many of the highest values, by output
 * @param served - says how the classes are called: its schema, or else the model's file
 */
export function classifyOutputs(
  outputs: readonly Tensor[],
  classified: ReadonlyMap<string, number>,
  { schema, signature }: Pick<TensorVersion, 'schema' | 'signature'>,
): Tensor[] {
  const { probabilityTensor, labels } = schema?.prediction ?? {};
  return outputs.map(output => {
    const most = classified.get(output.name);
    if (most === undefined) return output;
    const declared = output.name === probabilityTensor ? labels : undefined;
    const spec = signature.outputs.find(({ name }) => name === output.name);
    return classify(output, most, declared ?? spec?.labels);
  });
}

/** What is no number comes last. */
function compare(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
