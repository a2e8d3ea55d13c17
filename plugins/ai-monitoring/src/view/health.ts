import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';

const SEVERITY: Record<ModelHealth['status'], number> = {
  alert: 0,
  warning: 1,
  healthy: 2,
  'no-data': 3,
};

/** The ones to look at first; among equals the busiest. */
export function worstFirst(items: ModelHealth[]): ModelHealth[] {
  return [...items].sort(
    (a, b) =>
      SEVERITY[a.status] - SEVERITY[b.status] ||
      b.requestsPerSecond - a.requestsPerSecond ||
      a.model.localeCompare(b.model),
  );
}

/** One sentence on why a model is not healthy, or that it is. */
export function verdictOf(health: ModelHealth): string {
  if (health.reasons.length > 0) return health.reasons.join(' ');
  if (health.status === 'no-data') {
    return 'Nothing was asked of it lately, so there is nothing to judge.';
  }
  return 'Errors, latency and input data are as they should be.';
}
