import {
  isConstant,
  resolveAxis,
  rowsAt,
  type Fixed,
  type Operator,
  type Rows,
  type Size,
  type Value,
} from './values';

type NamedRule = [string, (operator: Operator) => Value[]];

/** Whether a fixed value is repeated, not cut up, where rows come to lie at an axis from the end. */
function isRepeatedAt({ shape }: Fixed, fromEnd: number): boolean {
  return shape !== undefined && (shape[shape.length - fromEnd] ?? 1) === 1;
}

/** A shape of which one dimension is a multiple of the number of rows. */
function rowsOfShape(operator: Operator, shape: readonly Size[]): Rows {
  const axis = shape.indexOf('rows');
  if (axis === -1 || shape.lastIndexOf('rows') !== axis) {
    throw operator.doubt();
  }
  return rowsAt(axis, shape.length);
}

function reshape(operator: Operator): Value[] {
  const { axis, leads } = operator.rows(0);
  const shape = operator.ints('shape', 1);
  if (!shape) throw operator.doubt();
  const copies = operator.int('allowzero') !== 1;
  const target = shape.map((size, i): Size => {
    if (size !== 0 || !copies) return size;
    return i === axis ? 'rows' : 'other';
  });
  let at = axis;
  if (leads) {
    // Rows stay whole where nothing but ones comes to lie in front of them.
    at = target.findIndex(size => size !== 1);
  } else if (!shape.slice(0, axis).every(size => size === 0 && copies)) {
    // Dimensions in front of the rows have to stay as they are.
    throw operator.doubt();
  }
  const isRows = target[at] === 'rows' || target[at] === -1;
  if (!isRows || target.some((size, i) => i !== at && size === 'rows')) {
    throw operator.doubt('fixes the number of rows');
  }
  return [rowsAt(at, target.length, leads)];
}

function flatten(operator: Operator): Value[] {
  const { rank } = operator.rows(0, 0);
  const axis = resolveAxis(operator.int('axis') ?? 1, rank);
  if (axis === 0) throw operator.doubt();
  return [rowsAt(0, 2)];
}

function transpose(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  const order =
    operator.numbers('perm') ??
    Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return [rowsAt(order.indexOf(axis), rank)];
}

function squeeze(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  const axes = operator.numbers('axes', 1)?.map(at => resolveAxis(at, rank));
  // Without axes a single row would lose its dimension, and two would not.
  if (!axes || axes.includes(axis)) throw operator.doubt();
  const before = axes.filter(at => at < axis).length;
  return [rowsAt(axis - before, rank - axes.length)];
}

function unsqueeze(operator: Operator): Value[] {
  const { axis, rank, leads } = operator.rows(0);
  const axes = operator.numbers('axes', 1);
  if (!axes) throw operator.doubt();
  const newRank = rank + axes.length;
  const added = new Set(axes.map(at => resolveAxis(at, newRank)));
  const kept = Array.from({ length: newRank }, (_, i) => i).filter(
    i => !added.has(i),
  );
  return [rowsAt(kept[axis], newRank, leads)];
}

function concat(operator: Operator): Value[] {
  const first = operator.rows(0);
  const at = resolveAxis(operator.int('axis') ?? 1, first.rank);
  operator.inputs.forEach((_, index) => {
    const { axis, rank } = operator.rows(index);
    if (axis !== first.axis || rank !== first.rank) throw operator.doubt();
  });
  if (at === first.axis) throw operator.doubt();
  return [first];
}

function split(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  const at = resolveAxis(operator.int('axis') ?? 0, rank);
  if (at === axis) throw operator.doubt('takes the rows apart');
  return [rowsAt(axis, rank)];
}

/** Where nothing ends, as exporters write it. */
const NO_END = 2 ** 31 - 1;

function slice(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  // Where it starts and ends may be computed from sizes, but not from the rows' values.
  operator.fixedFrom(1);
  const axes =
    operator.numbers('axes', 3) ??
    operator.ints('starts', 1)?.map((_, index) => index) ??
    [];
  const place = axes.findIndex(at => resolveAxis(at, rank) === axis);
  if (place === -1) return [rowsAt(axis, rank)];
  const start = operator.ints('starts', 1)?.[place];
  const end = operator.ints('ends', 2)?.[place];
  const step = operator.ints('steps', 4)?.[place] ?? 1;
  const whole = start === 0 && step === 1 && Number(end) >= NO_END;
  if (!whole) throw operator.doubt('takes the rows apart');
  return [rowsAt(axis, rank)];
}

function gather(operator: Operator): Value[] {
  const [data, indices] = [operator.input(0), operator.input(1)];
  if (!data || !indices) throw operator.doubt();
  if (data.kind === 'rows') {
    if (!isConstant(indices) || !indices.shape) throw operator.doubt();
    const at = resolveAxis(operator.int('axis') ?? 0, data.rank);
    if (at === data.axis) throw operator.doubt('takes the rows apart');
    const grown = indices.shape.length - 1;
    const axis = data.axis < at ? data.axis : data.axis + grown;
    return [rowsAt(axis, data.rank + grown)];
  }
  // A table of the model, looked up by the rows.
  if (indices.kind !== 'rows' || !isConstant(data) || !data.shape) {
    throw operator.doubt();
  }
  const at = resolveAxis(operator.int('axis') ?? 0, data.shape.length);
  return [rowsAt(at + indices.axis, data.shape.length - 1 + indices.rank)];
}

function gatherElements(operator: Operator): Value[] {
  const [data, indices] = [operator.rows(0), operator.rows(1)];
  const at = resolveAxis(operator.int('axis') ?? 0, data.rank);
  if (at === data.axis || data.axis !== indices.axis) throw operator.doubt();
  return [indices];
}

function expand(operator: Operator): Value[] {
  const value = operator.input(0);
  const shape = operator.ints('shape', 1);
  if (!value || !shape) throw operator.doubt();
  if (value.kind === 'fixed') {
    const rows = rowsOfShape(operator, shape);
    const fits =
      isConstant(value) && isRepeatedAt(value, rows.rank - rows.axis);
    if (!fits) throw operator.doubt();
    return [rows];
  }
  const rank = Math.max(value.rank, shape.length);
  const fromEnd = value.rank - value.axis;
  const size = shape[shape.length - fromEnd] ?? 1;
  const others = shape.filter((_, i) => i !== shape.length - fromEnd);
  if ((size !== 1 && size !== 'rows') || others.includes('rows')) {
    throw operator.doubt();
  }
  return [rowsAt(rank - fromEnd, rank)];
}

function tile(operator: Operator): Value[] {
  const value = operator.input(0);
  const repeats = operator.ints('repeats', 1);
  if (!value || !repeats) throw operator.doubt();
  if (value.kind === 'fixed') {
    const rows = rowsOfShape(operator, repeats);
    if (!isConstant(value) || value.shape?.[rows.axis] !== 1) {
      throw operator.doubt();
    }
    return [rows];
  }
  if (repeats[value.axis] !== 1 || repeats.includes('rows')) {
    throw operator.doubt();
  }
  return [value];
}

function pad(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  operator.fixedFrom(1);
  const pads = operator.numbers('pads', 1);
  const complete = pads?.length === 2 * rank && !operator.input(3);
  if (!complete || pads[axis] !== 0 || pads[axis + rank] !== 0) {
    throw operator.doubt();
  }
  return [rowsAt(axis, rank)];
}

function trilu(operator: Operator): Value[] {
  const value = operator.rows(0);
  operator.fixedFrom(1);
  if (value.axis >= value.rank - 2) throw operator.doubt();
  return [value];
}

function oneHot(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  operator.fixedFrom(1);
  const at = resolveAxis(operator.int('axis') ?? -1, rank + 1);
  return [rowsAt(at <= axis ? axis + 1 : axis, rank + 1)];
}

function shapeOf(operator: Operator): Value[] {
  const { axis, rank } = operator.rows(0);
  const whole = Array.from(
    { length: rank },
    (_, i): Size => (i === axis ? 'rows' : 'other'),
  );
  const elements = whole.slice(operator.int('start') ?? 0, operator.int('end'));
  return [{ kind: 'fixed', shape: [elements.length], elements }];
}

/** Resizes pictures; the first of the scales or sizes is that of the rows. */
function resize(operator: Operator): Value[] {
  const value = operator.rows(0, 0);
  const [roi, scales, sizes] = [1, 2, 3].map(index => operator.input(index));
  if (roi && !isConstant(roi)) throw operator.doubt();
  if (sizes?.kind === 'fixed' && sizes.elements?.[0] === 'rows') {
    return [value];
  }
  // Scales are fractions, which are not read; four of them that are fixed leave the rows,
  // since one row alone would not come out as one otherwise.
  if (!sizes && scales && isConstant(scales)) return [value];
  throw operator.doubt();
}

/** Operators that move, cut and repeat values, or tell their shapes. */
export const layoutOperators: NamedRule[] = [
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Transpose', transpose],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Gather', gather],
  ['GatherElements', gatherElements],
  ['Expand', expand],
  ['Tile', tile],
  ['Pad', pad],
  ['Trilu', trilu],
  ['OneHot', oneHot],
  ['Shape', shapeOf],
  ['Size', () => [{ kind: 'fixed', shape: [], elements: ['rows'] }]],
  ['Resize', resize],
  [
    'Upsample',
    operator => {
      operator.fixedFrom(1);
      return [operator.rows(0, 0)];
    },
  ],
  [
    'ConstantOfShape',
    operator => {
      const shape = operator.input(0);
      if (shape?.kind !== 'fixed' || !shape.elements) throw operator.doubt();
      return [rowsOfShape(operator, shape.elements)];
    },
  ],
];
