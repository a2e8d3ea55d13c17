import {
  FIXED,
  isConstant,
  resolveAxis,
  type Fixed,
  type Operator,
  type Size,
} from './values';

type Combine = (a: Size, b: Size) => Size | undefined;

/** What is not a number is at least the same for all requests, unless rows are in it. */
const whenNumbers =
  (compute: (a: number, b: number) => Size, withRows: Combine): Combine =>
  (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return compute(a, b);
    return a === 'rows' || b === 'rows' ? withRows(a, b) : 'other';
  };
const refuse: Combine = () => undefined;

/** `undefined` where the result depends on the number of rows, and is no multiple of it. */
const ARITHMETIC: Record<string, Combine> = {
  Add: whenNumbers((a, b) => a + b, refuse),
  Sub: whenNumbers((a, b) => a - b, refuse),
  Mul: whenNumbers(
    (a, b) => a * b,
    (a, b) => (a === 'rows' && b === 'rows' ? undefined : 'rows'),
  ),
  Div: whenNumbers(
    (a, b) => (Number.isInteger(a / b) ? a / b : 'other'),
    (a, b) => (a === 'rows' && b !== 'rows' ? 'rows' : undefined),
  ),
  Equal(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a === b ? 1 : 0;
    // Sizes are never negative.
    if (isNegative(a) || isNegative(b)) return 0;
    return a === 'rows' || b === 'rows' ? undefined : 'other';
  },
};

function isNegative(size: Size): boolean {
  return typeof size === 'number' && size < 0;
}

type SizeOperator = (operator: Operator, inputs: readonly Fixed[]) => Fixed;

const keep: SizeOperator = (_operator, [value]) => value;

/** Operators that work on fixed values, with what is known of the result. */
const OPERATORS: Record<string, SizeOperator | undefined> = {
  Identity: keep,
  Cast: keep,
  Floor: keep,
  Ceil: keep,
  DequantizeLinear: (_operator, [value]) => ofShape(value.shape),
  Shape(operator, [{ shape }]) {
    if (!shape) return FIXED;
    return vector(shape.slice(operator.int('start') ?? 0, operator.int('end')));
  },
  Unsqueeze(operator, [value]) {
    if (value.elements) return vector(value.elements);
    const axes = operator.numbers('axes', 1);
    if (!value.shape || !axes) return FIXED;
    const rank = value.shape.length + axes.length;
    const shape = [...value.shape];
    for (const axis of axes
      .map(a => resolveAxis(a, rank))
      .sort((a, b) => a - b)) {
      shape.splice(axis, 0, 1);
    }
    return ofShape(shape);
  },
  Squeeze: (_operator, [value]) =>
    value.elements?.length === 1
      ? { kind: 'fixed', shape: [], elements: value.elements }
      : FIXED,
  Reshape(operator, [value]) {
    const shape = operator.ints('shape', 1);
    if (value.elements && shape?.length === 1) return vector(value.elements);
    return ofShape(numbersOf(shape));
  },
  Transpose(operator, [{ shape }]) {
    if (!shape) return FIXED;
    const order = operator.numbers('perm') ?? shape.map((_, i) => i).reverse();
    return ofShape(order.map(axis => shape[axis]));
  },
  Concat(_operator, inputs) {
    const parts: Size[] = [];
    for (const { elements } of inputs) {
      if (!elements) return FIXED;
      parts.push(...elements);
    }
    return vector(parts);
  },
  Gather(_operator, [{ elements, shape }, indices]) {
    if (!elements || shape?.length !== 1) return FIXED;
    const places = numbersOf(indices.elements);
    if (!places || !indices.shape) return FIXED;
    const picked = places.map(
      index => elements[resolveAxis(index, elements.length)],
    );
    return { kind: 'fixed', shape: indices.shape, elements: picked };
  },
  Slice(operator, [{ elements }]) {
    const [start] = operator.numbers('starts', 1) ?? [];
    const [end] = operator.numbers('ends', 2) ?? [];
    const [step] = operator.numbers('steps', 4) ?? [1];
    if (!elements || step !== 1) return FIXED;
    return vector(elements.slice(start, end));
  },
  ConstantOfShape(operator, [{ elements }]) {
    const shape = numbersOf(elements);
    const fill = operator.tensor('value')?.integers?.[0];
    return shape?.length === 1 && shape[0] <= 64 && fill !== undefined
      ? vector(new Array<Size>(shape[0]).fill(fill))
      : ofShape(shape);
  },
  Expand: (_operator, [, { elements }]) => ofShape(numbersOf(elements)),
  Where(operator, [condition, yes, no]) {
    const { elements, shape } = condition;
    if (!elements || !yes.elements || !no.elements) return FIXED;
    const parts = elements.map((size, i) => {
      const part = size === 0 ? at(no, i) : at(yes, i);
      if (typeof size !== 'number' || part === undefined) {
        throw operator.doubt('uses the number of rows');
      }
      return part;
    });
    return { kind: 'fixed', shape, elements: parts };
  },
};

function at({ elements = [] }: Fixed, index: number): Size | undefined {
  return elements.length === 1 ? elements[0] : elements[index];
}

function vector(elements: readonly Size[]): Fixed {
  return { kind: 'fixed', shape: [elements.length], elements };
}

function ofShape(shape: readonly number[] | undefined): Fixed {
  return shape ? { kind: 'fixed', shape } : FIXED;
}

function numbersOf(
  elements: readonly Size[] | undefined,
): number[] | undefined {
  const numbers = elements?.filter(size => typeof size === 'number');
  return numbers && numbers.length === elements?.length ? numbers : undefined;
}

/** Of an operator that works element by element. */
function combine(operator: Operator, inputs: readonly Fixed[]): Fixed {
  const compute = ARITHMETIC[operator.name];
  const [a, b] = inputs;
  if (a?.elements && b?.elements && compute) {
    const length = Math.max(a.elements.length, b.elements.length);
    const elements: Size[] = [];
    for (let i = 0; i < length; i++) {
      const [left, right] = [at(a, i), at(b, i)];
      const size =
        left === undefined || right === undefined
          ? undefined
          : compute(left, right);
      if (size === undefined) throw operator.doubt('uses the number of rows');
      elements.push(size);
    }
    const longer = (a.shape?.length ?? 0) >= (b.shape?.length ?? 0) ? a : b;
    return { kind: 'fixed', shape: longer.shape, elements };
  }
  const shapes = inputs.flatMap(({ shape }) => (shape ? [shape] : []));
  return shapes.length === inputs.length
    ? ofShape(broadcastShapes(shapes))
    : FIXED;
}

function broadcastShapes(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(shape => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map(shape => shape[axis - rank + shape.length] ?? 1)),
  );
}

/**
 * What comes out of an operator none of whose inputs are rows.
 *
 * @param elementwise - whether it combines its inputs element by element
 */
export function computeFixed(operator: Operator, elementwise: boolean): Fixed {
  const inputs = operator.inputs.filter(value => value.kind === 'fixed');
  const known = OPERATORS[operator.name];
  let result: Fixed = FIXED;
  if (known && inputs.length > 0) result = known(operator, inputs);
  else if (elementwise) result = combine(operator, inputs);
  // Where the elements are out of sight, so is what the number of rows does to them.
  if (!result.elements && !inputs.every(isConstant)) {
    throw operator.doubt('uses the number of rows');
  }
  return result;
}
