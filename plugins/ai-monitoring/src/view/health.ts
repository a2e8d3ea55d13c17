import {
  HEALTH_STATUSES,
  type ModelHealth,
} from '@greenroom/plugin-ai-monitoring-common';

/** The ones to look at first; among equals the busiest. */
export function worstFirst(items: ModelHealth[]): ModelHealth[] {
  return [...items].sort(
    (a, b) =>
      HEALTH_STATUSES.indexOf(a.status) - HEALTH_STATUSES.indexOf(b.status) ||
      b.requestsPerSecond - a.requestsPerSecond ||
      a.model.localeCompare(b.model),
  );
}

/** One sentence on why a model is not healthy, or that it is. */
export function verdictOf(health: ModelHealth): string {
  if (health.reasons.length > 0) return health.reasons.join(' ');
  if (health.status === 'no-data') {
    return 'Nothing was asked of it in the last 5 minutes, so there is nothing to judge.';
  }
  return health.status === 'partly-watched'
    ? 'What can be seen of it is as it should be, but not all can be seen.'
    : 'Errors and input data are as they should be.';
}
