import { createApiRef } from '@backstage/frontend-plugin-api';
import type { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';

/** What the pages of inference ask of monitoring. */
export type ComparisonApi = Pick<
  AiMonitoringClient,
  | 'getComparison'
  | 'getComparisonHistory'
  | 'getComparisonCsv'
  | 'getTraffic'
  | 'listOutcomes'
>;

export const comparisonApiRef = createApiRef<ComparisonApi>().with({
  id: 'plugin.ai-inference.comparisons',
});
