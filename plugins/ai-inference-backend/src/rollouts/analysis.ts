import {
  type AnalysisPlan,
  COMMON_UNITS_PER_VARIANT,
  commonGuardrails,
  type DesiredDeployment,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { isSameJson } from '../isSameJson';
import type { RolloutRecord } from './rollout';

/**
 * The plan by which a rollout's versions are compared, written down before it starts: the
 * manifest's, or what all have that share traffic. Undefined where nothing is compared.
 */
export function analysisFor(
  { rollout: plan, analysis }: Pick<DesiredDeployment, 'rollout' | 'analysis'>,
  options: {
    /** Whether a provider runs the version: how fast it answers is not the version's doing. */
    isExternal: boolean;
  },
): Pick<RolloutRecord, 'analysis' | 'hasOwnAnalysis'> {
  if (!comparesVersions(plan)) return { hasOwnAnalysis: false };
  const common = defaultAnalysis(plan, options);
  return analysis
    ? { analysis: { ...common, ...analysis }, hasOwnAnalysis: true }
    : { analysis: common, hasOwnAnalysis: false };
}

/** Whether a running rollout is analysed as the manifest asks for. */
export function hasSameAnalysis(
  rollout: Pick<RolloutRecord, 'plan' | 'analysis' | 'hasOwnAnalysis'>,
  { analysis }: Pick<DesiredDeployment, 'analysis'>,
): boolean {
  if (rollout.analysis === undefined) {
    return analysis === undefined || !comparesVersions(rollout.plan);
  }
  return [true, false].some(isExternal =>
    isSameJson(
      {
        analysis: rollout.analysis,
        hasOwnAnalysis: rollout.hasOwnAnalysis,
      },
      analysisFor({ rollout: rollout.plan, analysis }, { isExternal }),
    ),
  );
}

function comparesVersions(plan: RolloutPlan): boolean {
  return plan.strategy !== 'immediate';
}

function defaultAnalysis(
  { strategy }: RolloutPlan,
  options: { isExternal: boolean },
): AnalysisPlan {
  return {
    metrics:
      strategy === 'shadow'
        ? [
            {
              name: 'agreement',
              measure: { kind: 'agreement' },
              direction: 'higher-is-better',
              // Shown to whoever is asked at the end; no answer is wrong for being another one.
              margin: 1,
              alpha: 0.05,
              power: 0.8,
            },
          ]
        : [],
    guardrails: commonGuardrails(options),
    minUnitsPerVariant: COMMON_UNITS_PER_VARIANT,
  };
}
