import { assertAlpha } from '../numerics/assertAlpha';
import { assertPositiveFinite } from '../numerics/assertPositiveFinite';
import { assertProportion } from '../numerics/assertProportion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { logGamma } from '../numerics/logGamma';

/** Events among units. Not only whole numbers: what correlated units are worth may be a part of one. */
export interface EventCounts {
  events: number;
  n: number;
}

/** What is believed of a share beforehand, a beta distribution. Any is valid; one near the truth decides sooner. */
export interface SharePrior {
  alpha: number;
  beta: number;
}

/** Jeffreys' prior: never far from the best, wherever the share lies. */
export const ANY_SHARE: SharePrior = { alpha: 0.5, beta: 0.5 };
/** Of a share that mostly lies below some percent, such as that of errors. */
export const RARE_SHARE: SharePrior = { alpha: 0.5, beta: 10 };

/** What is to be refuted of treatment less control, or of a single share. */
export type Hypothesis = 'equal' | 'at-most' | 'at-least';

/** Natural logarithm; 0 times that of 0 is 0. */
function timesLog(count: number, share: number): number {
  return count === 0 ? 0 : count * Math.log(share);
}

function logLikelihood({ events, n }: EventCounts, share: number): number {
  return timesLog(events, share) + timesLog(n - events, 1 - share);
}

function logBeta(alpha: number, beta: number): number {
  return logGamma(alpha) + logGamma(beta) - logGamma(alpha + beta);
}

/** Probability of a sequence with these counts, over all shares. */
function logMixture({ events, n }: EventCounts, prior: SharePrior): number {
  const { alpha, beta } = prior;
  return logBeta(alpha + events, beta + n - events) - logBeta(alpha, beta);
}

function assertPrior(prior: SharePrior): void {
  assertPositiveFinite('prior.alpha', prior.alpha);
  assertPositiveFinite('prior.beta', prior.beta);
}

export interface SequentialShareOptions {
  hypothesis: Hypothesis;
  /** That the hypothesis is about, 0 to 1. */
  share: number;
  /** Default {@link ANY_SHARE}. */
  prior?: SharePrior;
}

/**
 * Evidence against a hypothesis about one share, as the natural logarithm of an e-value: however often one looks,
 * it exceeds log(1 / alpha) with a probability of at most alpha where the hypothesis is true. Exact for any
 * number of independent units, any share and any alpha. O(1).
 * Source: Robbins, Statistical methods related to the law of the iterated logarithm, 1970 (mixture of likelihood
 * ratios); the smallest one over a composite hypothesis.
 */
export function sequentialShareEvidence(
  arm: EventCounts,
  options: SequentialShareOptions,
): number {
  const { hypothesis, share, prior = ANY_SHARE } = options;
  assertProportion(arm.events, arm.n);
  assertPrior(prior);
  if (!(share >= 0 && share <= 1)) {
    throw new InvalidArgumentError(
      `share must lie between 0 and 1, got ${share}`,
    );
  }
  const found = arm.n > 0 ? arm.events / arm.n : share;
  const isInside =
    (hypothesis === 'at-most' && found <= share) ||
    (hypothesis === 'at-least' && found >= share);
  const nearest = isInside ? found : share;
  return logMixture(arm, prior) - logLikelihood(arm, nearest);
}

export interface SequentialProportionOptions {
  hypothesis: Hypothesis;
  /** Of treatment less control that the hypothesis is about, above -1 and below 1. Default 0. */
  difference?: number;
  /** Default {@link ANY_SHARE}. */
  prior?: SharePrior;
}

/** More halvings than a double has digits. */
const HALVINGS = 60;

/** The control's share at which both arms are likeliest with that difference between them. */
function likeliestControl(
  control: EventCounts,
  treatment: EventCounts,
  difference: number,
): number {
  let low = Math.max(0, -difference);
  let high = Math.min(1, 1 - difference);
  const slope = (at: number) =>
    control.events / at -
    (control.n - control.events) / (1 - at) +
    treatment.events / (at + difference) -
    (treatment.n - treatment.events) / (1 - at - difference);
  for (let i = 0; i < HALVINGS && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Evidence against a hypothesis about the difference of two shares, treatment less control, as the natural
 * logarithm of an e-value: however often one looks, and whatever the shares are, it exceeds log(1 / alpha) with a
 * probability of at most alpha where the hypothesis is true. Exact, for arms of any size and ratio, for rare events
 * and for tiny levels, where the asymptotic {@link sequentialTest} is not. It takes independent units of one event
 * or none; units of several requests count for less, see the caller.
 *
 * Each arm's likelihood ratio against any given share is a martingale; so is the product of both, and the smallest
 * product over all pairs of shares of the hypothesis is an e-process. O(1), some hundred operations.
 * Source: Ramdas, Gruenwald, Vovk and Shafer, Game-theoretic statistics and safe anytime-valid inference, 2023.
 */
export function sequentialProportionEvidence(
  control: EventCounts,
  treatment: EventCounts,
  options: SequentialProportionOptions,
): number {
  const { hypothesis, difference = 0, prior = ANY_SHARE } = options;
  assertProportion(control.events, control.n);
  assertProportion(treatment.events, treatment.n);
  assertPrior(prior);
  if (!(difference > -1 && difference < 1)) {
    throw new InvalidArgumentError(
      `difference must lie between -1 and 1 (0.01 is one point of percent), got ${difference}`,
    );
  }
  const mixture = logMixture(control, prior) + logMixture(treatment, prior);
  const found = {
    control: control.n > 0 ? control.events / control.n : 0,
    treatment: treatment.n > 0 ? treatment.events / treatment.n : 0,
  };
  const estimate = found.treatment - found.control;
  const isInside =
    control.n > 0 &&
    treatment.n > 0 &&
    ((hypothesis === 'at-most' && estimate <= difference) ||
      (hypothesis === 'at-least' && estimate >= difference));
  if (isInside) {
    return (
      mixture -
      logLikelihood(control, found.control) -
      logLikelihood(treatment, found.treatment)
    );
  }
  const at = likeliestControl(control, treatment, difference);
  const inside = (share: number) => Math.min(1, Math.max(0, share));
  return (
    mixture -
    logLikelihood(control, inside(at)) -
    logLikelihood(treatment, inside(at + difference))
  );
}

export interface SequentialProportionInterval {
  /** -1 and 1 where nothing is known. */
  lower: number;
  upper: number;
}

/** Closer than this nobody looks. */
const INTERVAL_TOLERANCE = 1e-7;

function edge(
  isCovered: (difference: number) => boolean,
  from: number,
  to: number,
): number {
  let inside = from;
  let outside = to;
  if (isCovered(outside)) return Math.sign(outside) || outside;
  while (Math.abs(outside - inside) > INTERVAL_TOLERANCE) {
    const middle = (inside + outside) / 2;
    if (isCovered(middle)) inside = middle;
    else outside = middle;
  }
  return outside;
}

/**
 * Differences, treatment less control, that {@link sequentialProportionEvidence} does not refute: covers the true
 * one at all times together with a probability of at least 1 - alpha. O(1), some thousand operations.
 */
export function sequentialProportionInterval(
  control: EventCounts,
  treatment: EventCounts,
  options: { alpha: number; prior?: SharePrior },
): SequentialProportionInterval {
  const { alpha, prior } = options;
  assertAlpha(alpha);
  if (control.n === 0 || treatment.n === 0) return { lower: -1, upper: 1 };
  const bound = -Math.log(alpha);
  const isCovered = (difference: number) =>
    sequentialProportionEvidence(control, treatment, {
      hypothesis: 'equal',
      difference,
      prior,
    }) < bound;
  const estimate = treatment.events / treatment.n - control.events / control.n;
  const inside = Math.min(1 - 1e-9, Math.max(-1 + 1e-9, estimate));
  return {
    lower: edge(isCovered, inside, -1 + 1e-12),
    upper: edge(isCovered, inside, 1 - 1e-12),
  };
}

/** Shares that {@link sequentialShareEvidence} does not refute, at all times together. */
export function sequentialShareInterval(
  arm: EventCounts,
  options: { alpha: number; prior?: SharePrior },
): SequentialProportionInterval {
  const { alpha, prior } = options;
  assertAlpha(alpha);
  if (arm.n === 0) return { lower: 0, upper: 1 };
  const bound = -Math.log(alpha);
  const isCovered = (share: number) =>
    sequentialShareEvidence(arm, { hypothesis: 'equal', share, prior }) < bound;
  const found = arm.events / arm.n;
  return {
    lower: edge(isCovered, found, 0),
    upper: edge(isCovered, found, 1),
  };
}
