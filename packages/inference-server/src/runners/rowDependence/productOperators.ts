import {
  broadcast,
  isConstant,
  rowsAt,
  type Fixed,
  type Operator,
  type Rows,
  type Value,
} from './values';

type NamedRule = [string, (operator: Operator) => Value[]];

function rankOf(operator: Operator, value: Value): number {
  const rank = value.kind === 'rows' ? value.rank : value.shape?.length;
  if (rank === undefined) throw operator.doubt();
  return rank;
}

/** The dimensions in front of the matrices, as a value of their own. */
function batchDimensions(operator: Operator, value: Value): Value {
  if (value.kind === 'fixed') {
    return { kind: 'fixed', shape: value.shape?.slice(0, -2) };
  }
  if (value.axis >= value.rank - 2) throw operator.doubt();
  return rowsAt(value.axis, value.rank - 2);
}

/** @param a - and b: matrices, or stacks of them */
function multiply(operator: Operator, a: Value, b: Value): Rows {
  const [rankA, rankB] = [rankOf(operator, a), rankOf(operator, b)];
  // A plain matrix of weights on the right works on the last dimension alone.
  if (a.kind === 'rows' && isConstant(b) && rankB <= 2 && rankB > 0) {
    if (a.axis === rankA - 1) throw operator.doubt();
    return rowsAt(a.axis, rankB === 1 ? rankA - 1 : rankA);
  }
  if (rankA < 2 || rankB < 2) throw operator.doubt();
  const stack = broadcast(operator, [
    batchDimensions(operator, a),
    batchDimensions(operator, b),
  ]);
  return rowsAt(stack.axis, stack.rank + 2);
}

function pick(operator: Operator, index: number): Value {
  const value = operator.input(index);
  if (!value) throw operator.doubt();
  return value;
}

/** Scales and zero points that are computed from the data belong to all rows of a run. */
function holdFixed(operator: Operator, indexes: readonly number[]): void {
  for (const index of indexes) {
    const value = operator.input(index);
    if (value && !isConstant(value)) throw operator.doubt();
  }
}

function isRepeated({ shape }: Fixed): boolean {
  return shape !== undefined && (shape.length < 2 || shape[0] === 1);
}

function gemm(operator: Operator): Value[] {
  const a = operator.rows(0);
  const turned = operator.int('transA') === 1;
  if (a.rank !== 2 || a.axis !== (turned ? 1 : 0)) throw operator.doubt();
  holdFixed(operator, [1]);
  const added = operator.input(2);
  const fits =
    added === undefined ||
    (added.kind === 'rows'
      ? added.axis === 0 && added.rank === 2
      : isConstant(added) && isRepeated(added));
  if (!fits) throw operator.doubt();
  return [rowsAt(0, 2)];
}

function einsum(operator: Operator): Value[] {
  const equation = (operator.text('equation') ?? '').replace(/\s/g, '');
  const [left, result] = equation.split('->');
  const terms = left.split(',');
  const { inputs } = operator;
  const plain = /^[a-zA-Z,]*->[a-zA-Z]*$/.test(equation);
  if (!plain || terms.length !== inputs.length) throw operator.doubt();
  const letters = new Set(
    inputs.map((value, i) => value.kind === 'rows' && terms[i][value.axis]),
  );
  letters.delete(false);
  const [letter] = letters;
  if (letters.size !== 1 || typeof letter !== 'string') throw operator.doubt();
  const alone = inputs.every((value, i) =>
    value.kind === 'rows'
      ? terms[i].split(letter).length === 2
      : isConstant(value) && !terms[i].includes(letter),
  );
  if (!alone || result.split(letter).length !== 2) throw operator.doubt();
  return [rowsAt(result.indexOf(letter), result.length)];
}

export const productOperators: NamedRule[] = [
  [
    'MatMul',
    operator => [multiply(operator, pick(operator, 0), pick(operator, 1))],
  ],
  [
    'MatMulInteger',
    operator => {
      holdFixed(operator, [2, 3]);
      return [multiply(operator, pick(operator, 0), pick(operator, 1))];
    },
  ],
  [
    'QLinearMatMul',
    operator => {
      holdFixed(operator, [1, 2, 4, 5, 6, 7]);
      return [multiply(operator, pick(operator, 0), pick(operator, 3))];
    },
  ],
  ['Gemm', gemm],
  ['Einsum', einsum],
];
