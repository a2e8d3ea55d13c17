import { isSameElement } from '../bytesElements';
import { DATATYPE_FACTS } from '../datatypes';
import { numberAt, predictionOf } from '../predictionOf';
import type { ModelSchema, Tensor } from '../tensor';

/** How far apart two numbers may be and be called the same, relative to the larger one. */
const RELATIVE = 1e-3;
/** The same near zero, where nothing is relative. */
const ABSOLUTE = 1e-6;

/** What a version answered, and what its schema says of that. */
export interface TensorAnswer {
  outputs: readonly Tensor[];
  schema: ModelSchema | undefined;
}

/**
 * Whether two versions gave the same answer to a request: of classifiers, whether they chose the same
 * class for each row; of others, whether all outputs are the same, numbers within one in a thousand.
 */
export function isSameAnswer(
  one: TensorAnswer,
  other: TensorAnswer,
  rows: number,
): boolean {
  return isSameClass(one, other, rows) ?? areSame(one.outputs, other.outputs);
}

/** @returns undefined where not both say which class it is */
function isSameClass(
  one: TensorAnswer,
  other: TensorAnswer,
  rows: number,
): boolean | undefined {
  if (one.schema?.task !== 'classification') return undefined;
  if (other.schema?.task !== 'classification') return undefined;
  for (let row = 0; row < rows; row++) {
    const ofOne = predictionOf(one.schema, one.outputs, rows, row);
    const ofOther = predictionOf(other.schema, other.outputs, rows, row);
    if (ofOne === undefined || ofOther === undefined) return undefined;
    if (ofOne !== ofOther) return false;
  }
  return true;
}

function areSame(one: readonly Tensor[], other: readonly Tensor[]): boolean {
  return (
    one.length === other.length &&
    one.every(tensor => {
      const found = other.find(({ name }) => name === tensor.name);
      return found !== undefined && isSame(tensor, found);
    })
  );
}

function isSame(one: Tensor, other: Tensor): boolean {
  if (one.datatype !== other.datatype) return false;
  if (one.shape.join() !== other.shape.join()) return false;
  if (Array.isArray(one.data)) {
    const { data } = other;
    return one.data.every(
      (element, i) => Array.isArray(data) && isSameElement(element, data[i]),
    );
  }
  const { kind } = DATATYPE_FACTS[one.datatype];
  const isReal = kind === 'float' || kind === 'half';
  for (let i = 0; i < one.data.length; i++) {
    const isEqual = isReal
      ? isNear(numberAt(one, i), numberAt(other, i))
      : one.data[i] === other.data[i];
    if (!isEqual) return false;
  }
  return true;
}

/** NaN is the same as NaN, and an infinity as itself. */
function isNear(one: number, other: number): boolean {
  if (Object.is(one, other) || one === other) return true;
  const most = Math.max(Math.abs(one), Math.abs(other));
  if (!Number.isFinite(most)) return false;
  return Math.abs(one - other) <= Math.max(ABSOLUTE, RELATIVE * most);
}
