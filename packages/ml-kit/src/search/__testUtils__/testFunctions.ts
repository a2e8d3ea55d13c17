import type { Configuration, SearchSpace } from '../space';

/** A real parameter. */
export const float = (low: number, high: number) =>
  ({ kind: 'float', low, high } as const);

/** Space of the Branin function, whose minimum is 0.397887. */
export const BRANIN: SearchSpace = { x: float(-5, 10), y: float(0, 15) };

/** Branin's function: a curved valley with three equal minima. */
export function branin(c: Configuration): number {
  const [x, y] = [Number(c.x), Number(c.y)];
  const valley = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
  return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

/** Space of the Hartmann function of six parameters, whose minimum is -3.32237. */
export const HARTMANN: SearchSpace = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, float(0, 1)]),
);
const HARTMANN_A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];

/** Hartmann's function: four narrow hollows in six dimensions. */
export function hartmann(c: Configuration): number {
  const x = Object.keys(HARTMANN).map(name => Number(c[name]));
  return -[1, 1.2, 3, 3.2].reduce((sum, alpha, i) => {
    const inner = x.reduce(
      (s, xj, j) => s + HARTMANN_A[i][j] * (xj - HARTMANN_P[i][j] * 1e-4) ** 2,
      0,
    );
    return sum + alpha * Math.exp(-inner);
  }, 0);
}

/** A space of two choices, an integer and two numbers; the least loss is 0. */
export const MIXED: SearchSpace = {
  model: { kind: 'choice', values: ['a', 'b', 'c', 'd'] },
  optimizer: { kind: 'choice', values: ['p', 'q', 'r'] },
  layers: { kind: 'int', low: 1, high: 32 },
  rate: { kind: 'float', low: 1e-5, high: 1, log: true },
  x: float(-5, 5),
};
const MODELS: Record<string, { loss: number; x: number }> = {
  a: { loss: 1.5, x: 1 },
  b: { loss: 0, x: -2 },
  c: { loss: 0.8, x: 3 },
  d: { loss: 2.5, x: 0 },
};
const OPTIMIZERS: Record<string, { loss: number; rate: number }> = {
  p: { loss: 0.6, rate: 0.1 },
  q: { loss: 0, rate: 0.001 },
  r: { loss: 0.3, rate: 0.01 },
};

/** A bowl whose place depends on both choices, of which the second best ones are nearly as good. */
export function bowlOfChoices(c: Configuration): number {
  const model = MODELS[String(c.model)];
  const optimizer = OPTIMIZERS[String(c.optimizer)];
  return (
    model.loss +
    optimizer.loss +
    ((Number(c.layers) - 20) / 8) ** 2 +
    0.7 * Math.log10(Number(c.rate) / optimizer.rate) ** 2 +
    ((Number(c.x) - model.x) / 2) ** 2
  );
}
