import { refuseRawBytes } from '../domain/bytesElements';
import {
  checkSharedDimensions,
  countRows,
  formatShape,
} from '../domain/checkRequest';
import { InferenceError } from '../domain/InferenceError';
import type { TensorVersion } from '../domain/ServedVersion';
import type { Tensor } from '../domain/tensor';
import type { ExplainRequest } from '../explain/Explainer';
import { readExplainSettings } from '../explain/settings';
import {
  parseInferJson,
  readInferRequest,
  readInputs,
} from './openInference/decodeInferRequest';

type Decoded = Pick<ExplainRequest, 'inputs' | 'background' | 'settings'> & {
  id: string | undefined;
};

/**
 * Reads an infer request of one row, with what an explanation needs besides.
 *
 * @param maxValues - most values of JSON
 * @throws InferenceError `invalid` that names the field, or `too-large`
 */
export function decodeExplainRequest(
  body: Buffer,
  served: Pick<
    TensorVersion,
    'signature' | 'dimensions' | 'rowWise' | 'isRemote'
  >,
  maxValues: number,
): Decoded {
  const { signature, dimensions, rowWise, isRemote } = served;
  const json = parseInferJson(body, undefined, signature, maxValues);
  const { id, inputs } = readInferRequest(json, signature, undefined);
  checkSharedDimensions(inputs, dimensions);
  checkOneRow(inputs, rowWise);
  if (!isRemote) refuseRawBytes(inputs);
  const settings = readExplainSettings(json.explain);
  if (json.background === undefined) {
    return { id, inputs, background: undefined, settings };
  }
  const background = readInputs(
    json.background,
    signature,
    undefined,
    'background',
  );
  checkSharedDimensions(background, dimensions);
  if (!isRemote) refuseRawBytes(background);
  return {
    id,
    inputs,
    background: { inputs: background, rows: rowsOf(background, inputs) },
    settings,
  };
}

function checkOneRow(inputs: readonly Tensor[], isRowWise: boolean): void {
  const rows = isRowWise ? inputs[0].shape[0] : 1;
  if (rows === 1 && inputs.every(({ shape }) => (shape[0] ?? 1) === 1)) return;
  throw new InferenceError(
    'invalid',
    `"inputs" have ${rows} rows: one answer is explained at a time, so send one row`,
  );
}

/** Rows of a background that are as wide as the request's: the same place is the same feature. */
function rowsOf(
  background: readonly Tensor[],
  inputs: readonly Tensor[],
): number {
  const rows = countRows(background);
  if (rows === undefined) {
    throw new InferenceError(
      'invalid',
      `"background": its tensors have ${background
        .map(({ name, shape }) => `${shape[0]} ("${name}")`)
        .join(', ')} rows, expected as many in each`,
    );
  }
  background.forEach(({ name, shape }, at) => {
    const found = formatShape(shape.slice(1));
    const wanted = formatShape(inputs[at].shape.slice(1));
    if (found === wanted) return;
    throw new InferenceError(
      'invalid',
      `"background": rows of input "${name}" are ${found}, expected ${wanted} as in "inputs"`,
    );
  });
  return rows;
}
