import type { AnalysisGuardrail } from './promotion';

/** Callers that each version needs, where nobody says how many. */
export const COMMON_UNITS_PER_VARIANT = 100;

const ERRORS: AnalysisGuardrail = {
  name: 'errors',
  measure: { kind: 'error-rate' },
  direction: 'lower-is-better',
  margin: 0.01,
};

const LATENCY: AnalysisGuardrail = {
  name: 'latency',
  measure: { kind: 'latency', quantilePercent: 95 },
  direction: 'lower-is-better',
  margin: 50,
};

/**
 * The guardrails of a rollout that shares traffic and names none of its own.
 *
 * @param options.isExternal - whether a provider runs the version: how fast it answers is not the version's doing
 */
export function commonGuardrails(options: {
  isExternal: boolean;
}): AnalysisGuardrail[] {
  return options.isExternal ? [ERRORS] : [ERRORS, LATENCY];
}
