import type {
  Comparison,
  ModelRoute,
} from '@greenroom/plugin-ai-inference-common';
import {
  type RolloutPlan,
  stepsOf,
} from '@greenroom/plugin-ai-registry-common';
import type { TrafficSplit } from '../deployments/trafficSplit';
import { isSameJson } from '../isSameJson';
import { type RolloutRecord, versionsOf } from './rollout';

/** Longest that the chances of a wrong decision are halved for: a version that comes and goes all day is no plan. */
const MOST_HALVINGS = 20;

/**
 * Has the rollout compare what its split compares: with other shares it is another comparison,
 * since callers that came at another ratio, or at another time, are not like those of this one.
 */
export function followComparison(
  rollout: RolloutRecord,
  current: { split: TrafficSplit; provenVersion?: number; now: Date },
): RolloutRecord {
  const { comparison: before } = rollout;
  const at = current.now.toISOString();
  const running = before && before.endedAt === undefined ? before : undefined;
  const wanted = comparedNow(rollout, current);
  if (!wanted) {
    return running
      ? { ...rollout, comparison: { ...running, endedAt: at } }
      : rollout;
  }
  if (running && isSameJson(pick(running), wanted)) return rollout;
  const number = before ? numberOf(before) + 1 : 1;
  const { id: rolloutId, environment, model, analysis, plan } = rollout;
  if (!analysis) return rollout;
  return {
    ...rollout,
    comparison: {
      id: `${rolloutId}.${number}`,
      rolloutId,
      environment,
      model,
      ...wanted,
      analysis,
      ...(rollout.firstComparison > 1 && { first: rollout.firstComparison }),
      looks: looksAt(plan, number - rollout.firstComparison),
      startedAt: at,
    },
  };
}

/** Number of the next comparison, with which a rollout goes on that is begun anew. */
export function nextComparison({ comparison }: RolloutRecord): number {
  return comparison ? numberOf(comparison) + 1 : 1;
}

/** What data planes are told of what is compared. */
export function comparedRoute({
  comparison,
  plan,
}: Pick<RolloutRecord, 'comparison' | 'plan'>): Pick<
  ModelRoute,
  'comparison' | 'shadow'
> {
  if (!comparison || comparison.endedAt !== undefined) return {};
  const { id, control, isShadow, variants } = comparison;
  if (!isShadow) {
    const namespace =
      plan.strategy === 'experiment' ? plan.namespace : undefined;
    return { comparison: { id, control, ...(namespace && { namespace }) } };
  }
  const shadow = variants.find(({ version }) => version !== control);
  if (plan.strategy !== 'shadow' || !shadow) return {};
  const { samplePercent, maxCopiesInFlight } = plan;
  return {
    shadow: {
      comparison: id,
      version: shadow.version,
      samplePercent,
      maxCopiesInFlight,
    },
  };
}

type Compared = Pick<Comparison, 'control' | 'variants' | 'isShadow'>;

function pick({ control, variants, isShadow }: Comparison): Compared {
  return { control, variants, isShadow };
}

/** Versions whose traffic is divided by a step of the plan, and by nothing else. */
function comparedNow(
  rollout: RolloutRecord,
  { split, provenVersion }: { split: TrafficSplit; provenVersion?: number },
): Compared | undefined {
  const { state, analysis, plan } = rollout;
  if (!analysis || state.phase !== 'progressing') return undefined;
  const weighted = split.filter(({ weightPercent }) => weightPercent > 0);
  const control = weighted.find(({ version }) => version === provenVersion);
  if (!control) return undefined;
  const isShadow = plan.strategy === 'shadow';
  const planned = versionsOf(rollout).filter(
    ({ version }) => version !== control.version,
  );
  const treatments = split.filter(
    ({ version, weightPercent }) =>
      planned.some(item => item.version === version) &&
      (isShadow || weightPercent > 0),
  );
  const shared = isShadow ? [control] : [control, ...treatments];
  if (treatments.length === 0 || weighted.length !== shared.length) {
    return undefined;
  }
  return {
    control: control.version,
    isShadow,
    variants: [control, ...treatments].map(({ version, weightPercent }) => ({
      version,
      sharePercent: weightPercent,
    })),
  };
}

/** Comparisons of a plan that may decide. */
function plannedLooks(plan: RolloutPlan): number {
  switch (plan.strategy) {
    case 'canary':
      return stepsOf(plan).filter(
        step => 'weightPercent' in step && step.weightPercent < 100,
      ).length;
    case 'adaptive':
      return updatesOf(plan);
    default:
      return 1;
  }
}

/** How often an adaptive plan changes its shares, the first ones included. */
export function updatesOf(plan: {
  updateSeconds: number;
  atMostSeconds: number;
}): number {
  return Math.max(1, Math.floor(plan.atMostSeconds / plan.updateSeconds));
}

/**
 * What the chances of a wrong decision are divided by. A version that was away and came back is
 * compared once more than planned; each time for half the chance, so that all of these together
 * are no more than one planned.
 */
function looksAt(plan: RolloutPlan, index: number): number {
  const planned = Math.max(1, plannedLooks(plan));
  const unplanned = Math.min(MOST_HALVINGS, Math.max(0, index + 1 - planned));
  return planned * 2 ** unplanned;
}

function numberOf({ id }: Comparison): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}
