import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { symmetricEigen } from '../numerics/symmetricEigen';
import { createRandom, nextNormal } from '../random/random';
import type { RandomState } from '../random/random';
import type { SearchState } from './searcher';
import { storedLoss } from './searcher';
import { assertSearchSpace, configurationAt } from './space';
import type { Configuration, SearchSpace } from './space';

/** A point of the current generation that waits for its loss. */
interface Candidate {
  id: number;
  point: number[];
  configuration: Configuration;
  loss?: number;
}

/** State of covariance matrix adaptation in the unit cube; a plain object. */
export interface CmaEsState extends SearchState {
  random: RandomState;
  dimensions: number;
  populationSize: number;
  generation: number;
  nextId: number;
  mean: number[];
  /** Overall step. */
  sigma: number;
  covariance: number[][];
  sigmaPath: number[];
  covariancePath: number[];
  candidates: Candidate[];
}

export interface CmaEsOptions {
  seed?: number;
  /** Trials of a generation, default 4 + 3 log dimensions. */
  populationSize?: number;
  /** First step as a share of the range, default 0.3. */
  sigma?: number;
}

/** Search for numbers that depend on each other. Choices are taken as if ordered: prefer TPE for them. */
export function createCmaEs(
  space: SearchSpace,
  options: CmaEsOptions = {},
): CmaEsState {
  assertSearchSpace(space);
  const dimensions = Object.keys(space).length;
  const { seed = 1, sigma = 0.3 } = options;
  const { populationSize = 4 + Math.floor(3 * Math.log(dimensions)) } = options;
  if (!(populationSize >= 2)) {
    throw new InvalidArgumentError(
      `populationSize must be at least 2, got ${populationSize}`,
    );
  }
  const zeros = () => new Array<number>(dimensions).fill(0);
  return {
    formatVersion: 1,
    results: [],
    random: createRandom(seed),
    dimensions,
    populationSize,
    generation: 0,
    nextId: 0,
    mean: zeros().map(() => 0.5),
    sigma,
    covariance: zeros().map((_, i) =>
      zeros().map((_z, j) => (i === j ? 1 : 0)),
    ),
    sigmaPath: zeros(),
    covariancePath: zeros(),
    candidates: [],
  };
}

/** A draw from the search distribution, drawn again while it is outside of the cube, and moved to its wall after that. */
function draw(state: CmaEsState): number[] {
  const { values, vectors } = symmetricEigen(state.covariance);
  let point: number[] = [];
  for (let attempt = 0; attempt < 20; attempt++) {
    const z = Array.from(
      values,
      value => Math.sqrt(Math.max(0, value)) * nextNormal(state.random),
    );
    point = state.mean.map(
      (center, i) =>
        center +
        state.sigma * z.reduce((sum, zk, k) => sum + vectors[i][k] * zk, 0),
    );
    if (point.every(x => x >= 0 && x <= 1)) return point;
  }
  return point.map(x => Math.min(1, Math.max(0, x)));
}

/**
 * The next configuration of the generation, with the id to report it under. Undefined
 * when the whole generation is out: report first. O(dimensions^3).
 */
export function suggestCmaEs(
  state: CmaEsState,
  space: SearchSpace,
): { id: number; configuration: Configuration } | undefined {
  assertFormatVersion('state of the search', state);
  if (state.candidates.length >= state.populationSize) return undefined;
  const point = draw(state);
  const id = state.nextId++;
  const configuration = configurationAt(space, point);
  state.candidates.push({ id, point, configuration });
  return { id, configuration };
}

/**
 * Puts a loss in; when the generation is complete the distribution moves. Throws
 * InvalidArgumentError for an id that is not waiting. O(dimensions^3) at the end of a generation.
 * Source: Hansen, The CMA Evolution Strategy: A Tutorial, arXiv 1604.00772.
 */
export function reportCmaEs(state: CmaEsState, id: number, loss: number): void {
  assertFormatVersion('state of the search', state);
  const candidate = state.candidates.find(other => other.id === id);
  if (!candidate || candidate.loss !== undefined) {
    throw new InvalidArgumentError(
      `Trial ${id} is not waiting for a result in generation ${state.generation}`,
    );
  }
  candidate.loss = storedLoss(loss);
  state.results.push({
    configuration: candidate.configuration,
    loss: candidate.loss,
  });
  const isComplete =
    state.candidates.length === state.populationSize &&
    state.candidates.every(other => other.loss !== undefined);
  if (isComplete) update(state);
}

function strategy(dimensions: number, populationSize: number) {
  const parents = Math.floor(populationSize / 2);
  const raw = Array.from(
    { length: parents },
    (_, i) => Math.log((populationSize + 1) / 2) - Math.log(i + 1),
  );
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map(weight => weight / total);
  const mass = 1 / weights.reduce((sum, weight) => sum + weight ** 2, 0);
  const d = dimensions;
  const pathRate = (4 + mass / d) / (d + 4 + (2 * mass) / d);
  const sigmaRate = (mass + 2) / (d + mass + 5);
  const rankOne = 2 / ((d + 1.3) ** 2 + mass);
  const rankMany = Math.min(
    1 - rankOne,
    (2 * (mass - 2 + 1 / mass)) / ((d + 2) ** 2 + mass),
  );
  const damping =
    1 + 2 * Math.max(0, Math.sqrt((mass - 1) / (d + 1)) - 1) + sigmaRate;
  const expectedNorm = Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));
  return {
    parents,
    weights,
    mass,
    pathRate,
    sigmaRate,
    rankOne,
    rankMany,
    damping,
    expectedNorm,
  };
}

function update(state: CmaEsState): void {
  const { dimensions: d, sigma, mean } = state;
  const rule = strategy(d, state.populationSize);
  const sorted = [...state.candidates].sort(
    (a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity) || a.id - b.id,
  );
  const steps = sorted
    .slice(0, rule.parents)
    .map(({ point }) => point.map((x, i) => (x - mean[i]) / sigma));
  const step = mean.map((_, i) =>
    steps.reduce((sum, y, k) => sum + rule.weights[k] * y[i], 0),
  );
  state.mean = mean.map((center, i) => center + sigma * step[i]);
  const { values, vectors } = symmetricEigen(state.covariance);
  // covariance^(-1/2) times the step
  const along = Array.from(values, (value, k) => {
    const dot = step.reduce((sum, x, i) => sum + vectors[i][k] * x, 0);
    return dot / Math.sqrt(Math.max(value, 1e-20));
  });
  const whitened = mean.map((_, i) =>
    along.reduce((sum, x, k) => sum + vectors[i][k] * x, 0),
  );
  const { sigmaRate, pathRate, mass, rankOne, rankMany } = rule;
  const sigmaGain = Math.sqrt(sigmaRate * (2 - sigmaRate) * mass);
  state.sigmaPath = state.sigmaPath.map(
    (x, i) => (1 - sigmaRate) * x + sigmaGain * whitened[i],
  );
  const norm = Math.hypot(...state.sigmaPath);
  state.generation++;
  const warmth = Math.sqrt(1 - (1 - sigmaRate) ** (2 * state.generation));
  const isMoving = norm / warmth < (1.4 + 2 / (d + 1)) * rule.expectedNorm;
  const pathGain = isMoving ? Math.sqrt(pathRate * (2 - pathRate) * mass) : 0;
  state.covariancePath = state.covariancePath.map(
    (x, i) => (1 - pathRate) * x + pathGain * step[i],
  );
  const path = state.covariancePath;
  const stall = isMoving ? 0 : rankOne * pathRate * (2 - pathRate);
  state.covariance = state.covariance.map((row, i) =>
    row.map(
      (c, j) =>
        (1 - rankOne - rankMany + stall) * c +
        rankOne * path[i] * path[j] +
        rankMany *
          steps.reduce((sum, y, k) => sum + rule.weights[k] * y[i] * y[j], 0),
    ),
  );
  state.sigma = Math.min(
    1,
    sigma *
      Math.exp((sigmaRate / rule.damping) * (norm / rule.expectedNorm - 1)),
  );
  state.candidates = [];
}
