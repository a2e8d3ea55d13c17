import { InferenceError } from './InferenceError';
import type { SharedDimension, Signature, TensorSpec } from './tensor';

/** `[-1,8,8]`, as people write shapes. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

function list(names: string[]): string {
  return names.map(name => `"${name}"`).join(', ');
}

/**
 * Finds which input of the model is meant.
 *
 * @returns its position in the signature.
 * @throws InferenceError `invalid`, naming the inputs that there are.
 */
export function findInput(signature: Signature, name: string): number {
  const { inputs } = signature;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].name === name) return i;
  }
  throw new InferenceError(
    'invalid',
    `unknown input "${name}": the model takes ${list(
      inputs.map(input => input.name),
    )}`,
  );
}

/**
 * Checks what an input says about itself, before its data are looked at.
 *
 * @throws InferenceError `invalid`, naming the tensor, what was expected and what was found.
 */
export function checkInputHeader(
  spec: TensorSpec,
  datatype: string,
  shape: readonly number[],
): void {
  if (datatype !== spec.datatype) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": datatype ${datatype}, expected ${spec.datatype}`,
    );
  }
  const expected = spec.shape;
  let fits = shape.length === expected.length;
  for (let i = 0; fits && i < shape.length; i++) {
    fits = expected[i] === -1 ? shape[i] >= 1 : shape[i] === expected[i];
  }
  if (!fits) {
    throw new InferenceError(
      'invalid',
      `input "${spec.name}": shape ${formatShape(
        shape,
      )}, expected ${formatShape(expected)}${
        expected.includes(-1) ? ' (-1: any size from 1)' : ''
      }`,
    );
  }
}

/** Says which input is not there. */
export function missingInput(spec: TensorSpec): InferenceError {
  return new InferenceError(
    'invalid',
    `missing input "${spec.name}": expected ${spec.datatype} ${formatShape(
      spec.shape,
    )}`,
  );
}

/** @throws InferenceError `invalid` when the model has no output of that name. */
export function checkOutputName(signature: Signature, name: string): void {
  const { outputs } = signature;
  for (let i = 0; i < outputs.length; i++) {
    if (outputs[i].name === name) return;
  }
  throw new InferenceError(
    'invalid',
    `unknown output "${name}": the model gives ${list(
      outputs.map(output => output.name),
    )}`,
  );
}

/**
 * Checks that what has one name in the model's file has one size in the request.
 *
 * @param inputs - in the order of the signature
 * @throws InferenceError `invalid`, naming the dimension and both inputs.
 */
export function checkSharedDimensions(
  inputs: readonly { name: string; shape: readonly number[] }[],
  dimensions: readonly SharedDimension[],
): void {
  for (let d = 0; d < dimensions.length; d++) {
    const { name, places } = dimensions[d];
    const first = places[0];
    const size = inputs[first.input].shape[first.axis];
    for (let p = 1; p < places.length; p++) {
      const { input, axis } = places[p];
      if (inputs[input].shape[axis] === size) continue;
      throw new InferenceError(
        'invalid',
        `input "${inputs[input].name}": shape ${formatShape(
          inputs[input].shape,
        )}, expected ${size} at dimension ${axis} ("${name}") as in input "${
          inputs[first.input].name
        }"`,
      );
    }
  }
}

/**
 * Rows in a request to a model whose inputs all have a free first dimension.
 *
 * @returns undefined where inputs differ in their first dimension: then it is not for us
 *   to say what a row is.
 */
export function countRows(
  inputs: readonly { shape: readonly number[] }[],
): number | undefined {
  if (inputs.length === 0) return undefined;
  const rows = inputs[0].shape[0];
  for (let i = 1; i < inputs.length; i++) {
    if (inputs[i].shape[0] !== rows) return undefined;
  }
  return rows;
}
