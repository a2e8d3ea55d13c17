import {
  COMMON_UNITS_PER_VARIANT,
  type DesiredDeployment,
  type NewPromotion,
} from '@greenroom/plugin-ai-registry-common';
import { type AnalysisForm, analysisErrors, analysisOf } from './analysisForm';
import {
  hasAnalysisStep,
  needsMetric,
  planOf,
  type RolloutForm,
  rolloutErrors,
} from './rolloutForm';

/** What the dialog holds besides where, what and why. */
export interface PlanForm {
  rollout: RolloutForm;
  analysis: AnalysisForm;
}

/** What is known of the environment. */
export interface PlanSurroundings {
  /** Version that runs. */
  running?: number;
  /** What the manifest asks for; undefined while nothing is deployed, or it is not known yet. */
  deployed?: Pick<DesiredDeployment, 'analysis' | 'outcomes'>;
}

/** Whether the manifest's way of comparing versions is kept, or the form's takes its place. */
export function sourceOf(
  { rollout, analysis }: PlanForm,
  { deployed }: PlanSurroundings,
): 'kept' | 'own' {
  if (analysis.source) return analysis.source;
  const keptMetrics = deployed?.analysis?.metrics.length ?? 0;
  return needsMetric(rollout.strategy) && keptMetrics === 0 ? 'own' : 'kept';
}

/** Why the plan cannot be sent, by the field's name in its form; both empty when it can. */
export function planErrors(
  form: PlanForm,
  surroundings: PlanSurroundings,
): { rollout: Map<string, string>; analysis: Map<string, string> } {
  const { strategy } = form.rollout;
  const isOwn = sourceOf(form, surroundings) === 'own';
  const hasMetric = surroundings.deployed?.analysis?.metrics.length;
  const analysis = isOwn
    ? analysisErrors(form.analysis, { needsMetric: needsMetric(strategy) })
    : new Map<string, string>();
  if (!isOwn && needsMetric(strategy) && !hasMetric) {
    analysis.set(
      'source',
      'The manifest has no metric that this rollout could follow: compare otherwise, and choose one.',
    );
  }
  return {
    rollout: rolloutErrors(form.rollout, surroundings.running),
    analysis: strategy === 'immediate' ? new Map() : analysis,
  };
}

/** The plan as it is sent. */
export function planToSend(
  form: PlanForm,
  options: PlanSurroundings & { version: number },
): Pick<NewPromotion, 'rollout' | 'analysis' | 'outcomes'> {
  const { deployed, version, running } = options;
  const isOwn =
    form.rollout.strategy !== 'immediate' && sourceOf(form, options) === 'own';
  const own = isOwn ? analysisOf(form.analysis) : undefined;
  // A step that waits for a comparison needs a section, also where all of it is as everywhere.
  const common =
    !own && hasAnalysisStep(form.rollout) && deployed && !deployed.analysis
      ? { metrics: [], minUnitsPerVariant: COMMON_UNITS_PER_VARIANT }
      : undefined;
  const analysis = own ?? common;
  const { metrics = [] } = analysis ?? deployed?.analysis ?? {};
  return {
    rollout: planOf(form.rollout, {
      version,
      running,
      metric: metrics.at(0)?.name,
    }),
    ...(analysis && { analysis }),
    ...(own &&
      form.analysis.measure === 'outcome' && {
        outcomes: form.analysis.outcomes,
      }),
  };
}
