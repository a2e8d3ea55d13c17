import type { InferenceSession } from 'onnxruntime-node';
import { formatShape } from '../../domain/checkRequest';
import type {
  DimensionPlace,
  SharedDimension,
  Signature,
  TensorSpec,
} from '../../domain/tensor';
import { onnxTypeOf } from './onnxDatatypes';

type Metadata = readonly InferenceSession.ValueMetadata[];

/** The file is a model, and not the one that the signature describes. */
export class SignatureMismatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SignatureMismatchError';
  }
}

/**
 * Brings the signature that was declared together with the one that the runtime found in
 * the file. The runtime infers sharper shapes than files declare; what either side leaves
 * free, the other may fix.
 *
 * @returns the sharper of both, in the order of the declared one.
 * @throws SignatureMismatchError when no tensor could satisfy both.
 */
export function reconcileSignature(
  declared: Signature,
  found: { inputs: Metadata; outputs: Metadata },
): Signature {
  const inputs = reconcileSide('input', declared.inputs, found.inputs);
  const outputs = reconcileSide('output', declared.outputs, found.outputs);
  if (found.inputs.length !== inputs.length) {
    throw new SignatureMismatchError(
      `the file has ${found.inputs.length} inputs, but its signature names ${inputs.length}`,
    );
  }
  return { inputs, outputs };
}

function reconcileSide(
  side: 'input' | 'output',
  specs: readonly TensorSpec[],
  metadata: Metadata,
): TensorSpec[] {
  return specs.map(spec => {
    const { name, datatype, labels } = spec;
    const found = metadata.find(candidate => candidate.name === name);
    if (!found?.isTensor) {
      throw new SignatureMismatchError(
        `the file has no ${side} tensor "${name}", which its signature names`,
      );
    }
    if (name === '__proto__' && side === 'output') {
      throw new SignatureMismatchError(
        'an output is named "__proto__", which the runtime cannot give back: rename it in the export',
      );
    }
    const sizes = found.shape.map(size =>
      typeof size === 'number' ? size : -1,
    );
    const shape = reconcileShape(spec.shape, sizes);
    if (found.type !== onnxTypeOf(datatype) || shape === undefined) {
      throw new SignatureMismatchError(
        `${side} "${name}" is ${found.type} ${formatShape(
          sizes,
        )} in the file, but its signature says ${datatype} ${formatShape(
          spec.shape,
        )}`,
      );
    }
    return { name, datatype, shape, ...(labels && { labels }) };
  });
}

/** @returns undefined when no shape fits both. */
function reconcileShape(
  declared: readonly number[],
  found: readonly number[],
): number[] | undefined {
  if (declared.length !== found.length) return undefined;
  const shape: number[] = [];
  for (let i = 0; i < declared.length; i++) {
    const fits =
      declared[i] === found[i] || declared[i] === -1 || found[i] === -1;
    if (!fits) return undefined;
    shape.push(Math.max(declared[i], found[i]));
  }
  return shape;
}

/** The dimensions of inputs that the file gives one name, so that they have one size. */
export function findSharedDimensions(
  signature: Signature,
  found: Metadata,
): SharedDimension[] {
  const places = new Map<string, DimensionPlace[]>();
  signature.inputs.forEach(({ name, shape }, input) => {
    const named = found.find(candidate => candidate.name === name);
    if (!named?.isTensor) return;
    named.shape.forEach((size, axis) => {
      if (typeof size !== 'string' || size === '' || shape[axis] !== -1) return;
      places.set(size, [...(places.get(size) ?? []), { input, axis }]);
    });
  });
  return Array.from(places, ([name, of]) => ({ name, places: of }));
}
