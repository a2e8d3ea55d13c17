import { analyse } from '../analyse';
import { setThresholdsBy } from '../countRequests';
import type { ComparedState } from '../comparedState';
import { ComparisonStore } from '../ComparisonStore';
import type { Knex } from 'knex';
import {
  comparedState,
  comparison,
  DEFAULT_ANALYSIS,
  MemoryComparison,
} from './comparison';
import {
  follow,
  type PlayedRollout,
  type Scene,
  SimulatedTraffic,
} from './simulation';

export { clopperPearsonInterval } from '@greenroom/ml-kit';

/** The guardrails that all rollouts have. */
export const GUARDRAILS_ONLY = DEFAULT_ANALYSIS;

const BATCH_MILLIS = 10_000;

/** The guardrails that all rollouts have, and two metrics that nothing is let pass for. */
export const SIMULATED_ANALYSIS = {
  ...DEFAULT_ANALYSIS,
  metrics: (['clicked', 'amount'] as const).map(outcome => ({
    name: outcome,
    measure: { kind: 'outcome', outcome } as const,
    direction: 'higher-is-better' as const,
    margin: 0,
    alpha: 0.05,
    power: 0.8,
  })),
};

/** Two versions of which the treatment has this part of the traffic. */
export function simulatedComparison(
  treatmentPercent: number,
  id = 'simulated',
) {
  return comparison({
    id,
    rolloutId: id,
    analysis: SIMULATED_ANALYSIS,
    variants: [
      { version: 1, sharePercent: 100 - treatmentPercent },
      { version: 2, sharePercent: treatmentPercent },
    ],
  });
}

/** Plays a rollout with sums and units in memory, by the code that counts, analyses and decides. */
export function playInMemory(scene: Scene, seed: number): PlayedRollout {
  const traffic = new SimulatedTraffic(scene, seed);
  const state = newState(scene, traffic);
  const memory = new MemoryComparison(state);
  const { rollout, look } = follow();
  let nowMillis = Date.parse(scene.comparison.startedAt);
  for (let batch = 0; batch < scene.batches; batch++) {
    nowMillis += BATCH_MILLIS;
    memory.count(traffic.nextBatch());
    const report = analyse(memory.state, { now: new Date(nowMillis) });
    if (look(report) === 'ended') break;
  }
  return rollout;
}

/** The same through the store, on PostgreSQL. */
export async function playInStore(
  knex: Knex,
  scene: Scene,
  seed: number,
): Promise<PlayedRollout> {
  const store = new ComparisonStore({ knex, maxUnits: 200_000 });
  const traffic = new SimulatedTraffic(scene, seed);
  const {
    comparison: plan,
    knownBefore,
    thresholdsMicros,
  } = newState(scene, traffic);
  const { id, environment, model } = plan;
  const { rollout, look } = follow();
  let nowMillis = Date.parse(plan.startedAt);
  const learnt = { comparison: plan, knownBefore, thresholdsMicros };
  await store.learn(learnt, new Date(nowMillis));
  for (let batch = 0; batch < scene.batches; batch++) {
    nowMillis += BATCH_MILLIS;
    const now = new Date(nowMillis);
    const additions = new Map([[id, traffic.nextBatch()]]);
    const models = new Map([[id, model]]);
    await knex.transaction(tx =>
      store.count(tx, additions, { environment, models, now }),
    );
    const state = await store.find(id);
    if (!state)
      throw new Error(`Comparison ${id} was learnt, but is not there`);
    if (look(analyse(state, { now })) === 'ended') break;
  }
  return rollout;
}

/** What is expected of a rollout before it starts, as its page says it. */
export function expectedRequests(
  scene: Scene,
  guardrail: string,
): number | undefined {
  const state = newState(scene, new SimulatedTraffic(scene, 1));
  const report = analyse(state, { now: new Date(scene.comparison.startedAt) });
  return report.expectations.find(({ name }) => name === guardrail)?.units;
}

function newState(scene: Scene, traffic: SimulatedTraffic): ComparedState {
  const knownBefore = traffic.knownBefore();
  const state = comparedState({ comparison: scene.comparison, knownBefore });
  const { latencyMicros } = knownBefore;
  if (latencyMicros) setThresholdsBy(state, latencyMicros);
  return state;
}
