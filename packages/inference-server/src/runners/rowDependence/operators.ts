import { layoutOperators } from './layoutOperators';
import { mlOperators } from './mlOperators';
import { productOperators } from './productOperators';
import {
  broadcast,
  resolveAxis,
  rowsAt,
  type Operator,
  type Value,
} from './values';

/** @returns the value of each output; one value stands for all. */
export type Rule = (operator: Operator) => Value[];

/** Operators that combine their inputs element by element. */
export const ELEMENTWISE = new Set(
  `Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr
  BitwiseXor Cast Ceil Celu Clip Cos Cosh Div Elu Equal Erf Exp Floor Gelu Greater
  GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log Max
  Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal RegexFullMatch Relu Round Selu Shrink
  Sigmoid Sign Sin Sinh Softplus Softsign Sqrt StringConcat Sub Sum Swish Tan Tanh
  ThresholdedRelu Where Xor`.split(/\s+/),
);

/** The same shape comes out; the parameters are the same for all rows. */
function alongRows(axis?: number, parameters = 1): Rule {
  return operator => {
    operator.fixedFrom(parameters);
    return [operator.rows(0, axis)];
  };
}

/** Works within one dimension, and leaves the shape. */
function within(defaultAxis: (operator: Operator) => number): Rule {
  return operator => {
    const { axis, rank } = operator.rows(0);
    operator.fixedFrom(1);
    const at = resolveAxis(operator.int('axis') ?? defaultAxis(operator), rank);
    if (at === axis) throw operator.doubt('looks at all rows at once');
    return [rowsAt(axis, rank)];
  };
}

/** Works within all dimensions from one on, and leaves the shape. */
function fromAxis(defaultAxis: number): Rule {
  return operator => {
    const { axis, rank } = operator.rows(0);
    operator.fixedFrom(1);
    const at = resolveAxis(operator.int('axis') ?? defaultAxis, rank);
    if (at <= axis) throw operator.doubt('looks at all rows at once');
    return [rowsAt(axis, rank)];
  };
}

const softmax: Rule = operator =>
  operator.opset < 13 ? fromAxis(1)(operator) : within(() => -1)(operator);

const reduce: Rule = operator => {
  const { axis, rank } = operator.rows(0);
  operator.fixedFrom(1);
  const axes = operator.numbers('axes', 1) ?? [];
  if (axes.length === 0 && operator.int('noop_with_empty_axes') === 1) {
    return [rowsAt(axis, rank)];
  }
  const resolved = axes.map(at => resolveAxis(at, rank));
  if (resolved.length === 0 || resolved.includes(axis)) {
    throw operator.doubt('looks at all rows at once');
  }
  if (operator.int('keepdims') === 0) {
    const before = resolved.filter(at => at < axis).length;
    return [rowsAt(axis - before, rank - resolved.length)];
  }
  return [rowsAt(axis, rank)];
};

const extreme: Rule = operator => {
  const { axis, rank } = operator.rows(0);
  const at = resolveAxis(operator.int('axis') ?? 0, rank);
  if (at === axis) throw operator.doubt('looks at all rows at once');
  if (operator.int('keepdims') !== 0) return [rowsAt(axis, rank)];
  return [rowsAt(at < axis ? axis - 1 : axis, rank - 1)];
};

const cumulate: Rule = operator => {
  const { axis, rank } = operator.rows(0);
  const [at] = operator.numbers('axis', 1) ?? [];
  if (at === undefined || resolveAxis(at, rank) === axis) {
    throw operator.doubt('looks at all rows at once');
  }
  return [rowsAt(axis, rank)];
};

const batchNormalization: Rule = operator => {
  const training =
    operator.opset < 7 ||
    operator.int('training_mode') === 1 ||
    operator.outputCount > 1;
  if (training) throw operator.doubt('takes its statistics from all rows');
  operator.fixedFrom(1);
  return [operator.rows(0, 0)];
};

const maxPool: Rule = operator => {
  // The second output counts positions through all rows.
  if (operator.outputCount > 1) throw operator.doubt();
  return [operator.rows(0, 0)];
};

const quantize: Rule = operator => {
  operator.fixedFrom(1);
  const { axis, rank } = operator.rows(0);
  const scale = operator.input(1);
  const single =
    scale?.kind === 'fixed' &&
    scale.shape?.reduce((product, size) => product * size, 1) === 1;
  if (!single && resolveAxis(operator.int('axis') ?? 1, rank) === axis) {
    throw operator.doubt();
  }
  return [rowsAt(axis, rank)];
};

/** Inference drops nothing; only training is random. */
const dropout: Rule = operator => {
  if (operator.input(2)) throw operator.doubt('is random');
  return [operator.rows(0)];
};

/** The state of a network that goes through a sequence: `[sequence, batch, features]`. */
const recurrent: Rule = operator => {
  if (operator.int('layout') === 1) throw operator.doubt();
  operator.rows(0, 1);
  [1, 2, 3, 7].forEach(index => {
    const weights = operator.input(index);
    if (weights?.kind === 'rows') throw operator.doubt();
  });
  const lengths = operator.input(4);
  if (lengths) operator.rows(4, 0);
  [5, 6].forEach(index => {
    if (operator.input(index)) operator.rows(index, 1);
  });
  return [rowsAt(2, 4), rowsAt(1, 3), rowsAt(1, 3)];
};

const named = (names: string, rule: Rule): [string, Rule][] =>
  names.split(/\s+/).map(name => [name, rule]);

/** What is known of the standard operators; those that are missing may do anything. */
export const RULES = new Map<string, Rule>([
  ...[...ELEMENTWISE].map((name): [string, Rule] => [
    name,
    operator => [broadcast(operator, operator.inputs)],
  ]),
  ...named(
    'AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool LpPool LRN DepthToSpace SpaceToDepth InstanceNormalization GroupNormalization Conv ConvTranspose ConvInteger QLinearConv',
    alongRows(0),
  ),
  ...named(
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    reduce,
  ),
  ...named('ArgMax ArgMin', extreme),
  ...named('Softmax LogSoftmax Hardmax', softmax),
  ...named(
    'LpNormalization TopK',
    within(() => -1),
  ),
  ...named('LayerNormalization RMSNormalization', fromAxis(-1)),
  ...named('CumSum CumProd', cumulate),
  ...named('QuantizeLinear DequantizeLinear', quantize),
  ...named('RNN LSTM GRU', recurrent),
  ['CastLike', operator => operator.inputs.slice(0, 1)],
  ['Dropout', dropout],
  ['BatchNormalization', batchNormalization],
  ['MaxPool', maxPool],
  ...productOperators,
  ...layoutOperators,
  ...mlOperators,
]);
