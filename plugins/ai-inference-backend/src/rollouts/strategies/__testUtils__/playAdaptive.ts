import {
  createRandom,
  nextUniform,
  normalCdf,
  type RandomState,
} from '@greenroom/ml-kit';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import type { RolloutRecord } from '../../rollout';
import type { ProgressingState, RolloutSituation } from '../../situation';
import { adaptive } from '../adaptive';

type AdaptivePlan = Extract<RolloutPlan, { strategy: 'adaptive' }>;

/** Two versions, how often each succeeds, and how many callers come between two updates. */
export interface AdaptiveGame {
  plan: AdaptivePlan;
  /** Of the proven and the new version, 0 to 1. */
  rates: [number, number];
  callersAnUpdate: number;
  minUnitsPerVariant: number;
  seed: number;
}

export interface AdaptiveResult {
  ended: 'complete' | 'take-back' | 'ask';
  /** Callers until then. */
  callers: number;
  /** Successes that were missed against giving all callers the better version: of the plan, and of halves. */
  regret: number;
  regretOfHalves: number;
}

const [PROVEN, NEW] = [1, 2];
const COMPARISON = 'played.1';

/** Plays an adaptive rollout through the code that moves its shares, with callers by chance. */
export function playAdaptive(game: AdaptiveGame): AdaptiveResult {
  const { plan, rates, callersAnUpdate, seed } = game;
  const random = createRandom(seed);
  const best = Math.max(...rates);
  const effects: { difference: number; variance: number }[] = [];
  let situation = situationOf(game);
  const begun = adaptive(plan).begin(situation);
  if (begun.kind !== 'step') throw new Error('An adaptive rollout steps first');
  let state: ProgressingState = {
    phase: 'progressing',
    step: 0,
    nextStepAt: begun.nextStepAt,
    sharePercent: begun.sharePercent,
  };
  let callers = 0;
  let regret = 0;
  for (;;) {
    const arms = playCallers(random, game, (state.sharePercent ?? 50) / 100);
    callers += callersAnUpdate;
    regret += arms.reduce(
      (sum, { units }, arm) => sum + units * (best - rates[arm]),
      0,
    );
    effects.push(effectOf(arms));
    situation = {
      ...situation,
      now: new Date(state.nextStepAt),
      analysis: { kind: 'report', report: reportOf(arms, effects) },
    };
    const action = adaptive(plan).goOn(situation, state);
    if (action.kind !== 'step') {
      const ended = action.kind as AdaptiveResult['ended'];
      const mean = (rates[0] + rates[1]) / 2;
      return {
        ended,
        callers,
        regret,
        regretOfHalves: callers * (best - mean),
      };
    }
    const { step, nextStepAt, sharePercent, unitsBefore } = action;
    state = {
      phase: 'progressing',
      step,
      nextStepAt,
      sharePercent,
      unitsBefore,
    };
  }
}

interface Arm {
  units: number;
  successes: number;
}

function playCallers(
  random: RandomState,
  { rates, callersAnUpdate }: AdaptiveGame,
  share: number,
): [Arm, Arm] {
  const arms: [Arm, Arm] = [
    { units: 0, successes: 0 },
    { units: 0, successes: 0 },
  ];
  for (let caller = 0; caller < callersAnUpdate; caller++) {
    const arm = nextUniform(random) < share ? 1 : 0;
    arms[arm].units++;
    if (nextUniform(random) < rates[arm]) arms[arm].successes++;
  }
  return arms;
}

/** Of one comparison, with one success and one failure more each, so that few callers prove nothing. */
function effectOf(arms: [Arm, Arm]) {
  const [before, after] = arms.map(({ units, successes }) => {
    const mean = (successes + 1) / (units + 2);
    return { mean, variance: (mean * (1 - mean)) / (units + 3) };
  });
  return {
    difference: after.mean - before.mean,
    variance: before.variance + after.variance,
  };
}

/** As whoever counts adds comparisons up: each as much as it tells. */
function reportOf(
  arms: [Arm, Arm],
  effects: { difference: number; variance: number }[],
): ComparisonReport {
  const weight = effects.reduce((sum, { variance }) => sum + 1 / variance, 0);
  const effect =
    effects.reduce(
      (sum, { difference, variance }) => sum + difference / variance,
      0,
    ) / weight;
  const probability = normalCdf(effect * Math.sqrt(weight));
  const at = new Date(0).toISOString();
  return {
    id: COMPARISON,
    environment: 'production',
    model: 'played',
    startedAt: at,
    asOf: at,
    versions: arms.map(({ units }, arm) => ({
      version: [PROVEN, NEW][arm],
      isControl: arm === 0,
      sharePercent: 50,
      units,
      requests: units,
    })),
    sampleRatio: { isMismatch: false },
    metrics: [],
    guardrails: [],
    hasEnoughUnits: true,
    verdict: { kind: 'undecided', reason: 'played' },
    expectations: [],
    chanceToBeBest: [
      { version: PROVEN, probability: 1 - probability },
      { version: NEW, probability },
    ],
    uncounted: 0,
    copiesLeftOut: 0,
  };
}

function situationOf({
  plan,
  minUnitsPerVariant,
}: AdaptiveGame): RolloutSituation {
  const at = new Date(0).toISOString();
  const analysis = {
    metrics: [
      {
        name: plan.metric,
        measure: { kind: 'outcome' as const, outcome: plan.metric },
        direction: 'higher-is-better' as const,
        margin: 0,
        alpha: 0.05,
        power: 0.8,
      },
    ],
    guardrails: [],
    minUnitsPerVariant,
  };
  const place = { environment: 'production', model: 'played' };
  const rollout: RolloutRecord = {
    ...place,
    id: 'played',
    fromVersion: PROVEN,
    toVersion: NEW,
    toDigest: 'sha256:2',
    kind: 'push',
    plan,
    state: { phase: 'loading' },
    commit: 'played',
    startedAt: at,
    startSplit: [],
    analysis,
    hasOwnAnalysis: true,
    firstComparison: 1,
    comparison: {
      ...place,
      id: COMPARISON,
      rolloutId: 'played',
      control: PROVEN,
      variants: [],
      isShadow: false,
      analysis,
      looks: 1,
      startedAt: at,
    },
    history: [],
  };
  return {
    rollout,
    split: [
      { version: PROVEN, digest: 'sha256:1', weightPercent: 100 },
      { version: NEW, digest: 'sha256:2', weightPercent: 0 },
    ],
    provenVersion: PROVEN,
    dataPlanes: [],
    quorum: 1,
    now: new Date(0),
  };
}
