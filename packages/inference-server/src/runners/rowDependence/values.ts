import type { OnnxConstant, OnnxNode } from '@greenroom/onnx-file';

/**
 * One element of a shape that a model computes: a number, a multiple of the number of
 * rows, or another size, which is the same for all requests that share a run.
 */
export type Size = number | 'rows' | 'other';

/** The same whatever the rows are; at most it depends on how many there are. */
export interface Fixed {
  kind: 'fixed';
  /** Undefined where it is not known. */
  shape?: readonly number[];
  /** Of a small vector or scalar of integers. */
  elements?: readonly Size[];
}

/** Has one part for each row, along one dimension, each computed from its row alone. */
export interface Rows {
  kind: 'rows';
  axis: number;
  rank: number;
  /** Whether all dimensions in front of it are known to be 1. */
  leads: boolean;
}

export type Value = Fixed | Rows;

export const FIXED: Fixed = { kind: 'fixed' };

export function rowsAt(axis: number, rank: number, leads = axis === 0): Rows {
  return { kind: 'rows', axis, rank, leads };
}

/** It cannot be shown that a model computes each row by itself. */
export class RowDoubt extends Error {}

/** An operator with what is known about its inputs. */
export class Operator {
  readonly name: string;
  readonly opset: number;
  readonly outputCount: number;
  readonly #node: OnnxNode;
  readonly #inputs: readonly (Value | undefined)[];

  constructor(options: {
    node: OnnxNode;
    inputs: readonly (Value | undefined)[];
    opset: number;
  }) {
    this.#node = options.node;
    this.#inputs = options.inputs;
    this.name = options.node.operator;
    this.opset = options.opset;
    this.outputCount = options.node.outputs.filter(Boolean).length;
  }

  /** Those that are there. */
  get inputs(): Value[] {
    return this.#inputs.filter(value => value !== undefined);
  }

  input(index: number): Value | undefined {
    return this.#inputs[index];
  }

  /** An input that has to be rows, along the first dimension where `axis` says so. */
  rows(index: number, axis?: number): Rows {
    const value = this.input(index);
    if (value?.kind !== 'rows' || (axis !== undefined && value.axis !== axis)) {
      throw this.doubt();
    }
    return value;
  }

  /** Holds inputs to be the same for every request, from an index on. */
  fixedFrom(index: number): void {
    for (const value of this.#inputs.slice(index)) {
      if (value && !isConstant(value)) throw this.doubt();
    }
  }

  has(name: string): boolean {
    return this.#node.attributes.has(name);
  }

  int(name: string): number | undefined {
    return this.#node.attributes.get(name)?.int;
  }

  tensor(name: string): OnnxConstant | undefined {
    return this.#node.attributes.get(name)?.tensor;
  }

  text(name: string): string | undefined {
    return this.#node.attributes.get(name)?.text;
  }

  /** Integers that are an attribute in older operators, and an input in newer ones. */
  ints(name: string, input?: number): readonly Size[] | undefined {
    const { ints, int } = this.#node.attributes.get(name) ?? {};
    if (ints) return ints;
    if (int !== undefined) return [int];
    const value = input === undefined ? undefined : this.input(input);
    if (value === undefined) return undefined;
    if (value.kind === 'rows' || !value.elements) throw this.doubt();
    return value.elements;
  }

  /** The same, where only numbers make sense. */
  numbers(name: string, input?: number): number[] | undefined {
    return this.ints(name, input)?.map(size => {
      if (typeof size !== 'number') throw this.doubt();
      return size;
    });
  }

  doubt(what = 'may mix rows'): RowDoubt {
    return new RowDoubt(`its operator ${this.name} ${what}`);
  }
}

/** Whether a value is the same for any number of rows too. */
export function isConstant(value: Value): value is Fixed {
  return value.kind === 'fixed' && !value.elements?.includes('rows');
}

/** `-1` counts from the end. */
export function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * What comes out when values are combined element by element, with the shorter shape
 * repeated along the longer one as NumPy does.
 */
export function broadcast(operator: Operator, values: readonly Value[]): Rows {
  const rows = values.filter(value => value.kind === 'rows');
  if (rows.length === 0) throw operator.doubt();
  const rank = Math.max(
    ...values.map(value =>
      value.kind === 'rows' ? value.rank : value.shape?.length ?? 0,
    ),
  );
  const fromEnd = rows[0].rank - rows[0].axis;
  if (rows.some(value => value.rank - value.axis !== fromEnd)) {
    throw operator.doubt();
  }
  for (const value of values) {
    if (value.kind === 'rows') continue;
    if (!isConstant(value)) throw operator.doubt('uses the number of rows');
    const { shape } = value;
    // An unknown shape could have one element for each row of one certain number.
    if (!shape || (shape[shape.length - fromEnd] ?? 1) !== 1) {
      throw operator.doubt();
    }
  }
  const axis = rank - fromEnd;
  const leads = values.every(value =>
    value.kind === 'rows'
      ? value.leads
      : (value.shape ?? []).slice(0, -fromEnd).every(size => size === 1),
  );
  return rowsAt(axis, rank, leads);
}
