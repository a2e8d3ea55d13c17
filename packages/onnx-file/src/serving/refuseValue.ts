import { OnnxFileError } from '../OnnxFileError';
import type { ValueOutline } from './readOutline';
import type { ValueType } from './types';

const WITHOUT_ZIPMAP =
  "options={id(model): {'zipmap': False}} in skl2onnx, zipmap=False in onnxmltools";

/**
 * Why a value that is no tensor cannot be served, and what to do about it.
 *
 * @param origin - name of the operator that makes it, where one does
 */
export function refuseValue(
  side: 'input' | 'output',
  { name, type }: ValueOutline,
  origin?: string,
): OnnxFileError {
  const what = describe(type);
  const advice = side === 'input' ? adviseInput(type) : adviseOutput(type);
  const by = origin === undefined ? '' : ` made by ${origin}`;
  const label = side === 'input' ? 'Input' : 'Output';
  return new OnnxFileError(
    `The ONNX file cannot be served: ${label} '${name}' is ${what}${by}, and only tensors can be served: ${advice}`,
  );
}

function describe(type: ValueType | undefined): string {
  switch (type?.kind) {
    case 'sequence':
      return type.of?.kind === 'map'
        ? 'a sequence of maps'
        : `a sequence of ${
            type.of?.kind === 'tensor' ? 'tensors' : 'other values'
          }`;
    case 'optional':
      return 'optional';
    case 'map':
      return 'a map';
    case 'sparse':
      return 'a sparse tensor';
    case 'opaque':
      return 'opaque';
    default:
      return 'of no type';
  }
}

function adviseOutput(type: ValueType | undefined): string {
  if (type?.kind === 'optional') {
    return 'let the model always return a tensor there, and no None';
  }
  if (type?.kind === 'sequence' && type.of?.kind !== 'map') {
    return 'return one tensor (torch.stack, np.stack, the operator ConcatFromSequence with new_axis=1), or each element as an output of its own';
  }
  if (type?.kind === 'map' || type?.kind === 'sequence') {
    return `export plain tensors (for classifiers: ${WITHOUT_ZIPMAP})`;
  }
  return 'export it with plain tensors';
}

function adviseInput(type: ValueType | undefined): string {
  if (type?.kind === 'map' || type?.kind === 'sequence') {
    return type.kind === 'sequence' && type.of?.kind !== 'map'
      ? 'take one tensor, or each element as an input of its own'
      : 'take columns instead of a dictionary (OneHotEncoder in a ColumnTransformer instead of DictVectorizer)';
  }
  if (type?.kind === 'optional') {
    return 'take a tensor that is always there (in PyTorch: give a value instead of None when exporting)';
  }
  return 'take tensors instead';
}
