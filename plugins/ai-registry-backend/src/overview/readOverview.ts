import {
  metricInterval,
  type ModelOverview,
} from '@greenroom/plugin-ai-registry-common';
import type { EnvironmentService } from '../environments/EnvironmentService';
import type { CallOptions, ModelService } from '../models/ModelService';
import type { PromotionService } from '../promotion/PromotionService';
import type { EvaluationStore } from '../versions/EvaluationStore';
import type { VersionService } from '../versions/VersionService';

/** Versions that the page shows. */
const VERSIONS = 100;

/** Versions that the chart draws an interval for. */
const INTERVALS = 12;

/** Open promotions of one model: one for each environment, and some that are being closed. */
const PROMOTIONS = 20;

export interface OverviewSources {
  models: Pick<ModelService, 'get'>;
  versions: Pick<VersionService, 'list'>;
  environments: Pick<EnvironmentService, 'deployments'>;
  promotions: Pick<PromotionService, 'list'>;
  evaluations: Pick<EvaluationStore, 'metricSpreads'>;
}

/** What the page of a model shows, each part as far as the caller may see it. */
export async function readOverview(
  name: string,
  sources: OverviewSources,
  options: CallOptions,
): Promise<ModelOverview> {
  // Whoever may not read the model is told so, and nothing else is read.
  const model = await sources.models.get(name, options);
  const [versions, desired, openPromotions, spreads] = await Promise.all([
    sources.versions.list({ model: name, limit: VERSIONS }, options),
    sources.environments.deployments({ model: name }, options),
    sources.promotions.list(
      { model: name, open: true, limit: PROMOTIONS },
      options,
    ),
    sources.evaluations.metricSpreads(name, { limit: INTERVALS }),
  ]);
  return {
    model,
    versions: versions.items,
    intervals: spreads.flatMap(({ version, ...spread }) => {
      const interval = metricInterval(spread);
      return interval ? [{ version, interval }] : [];
    }),
    deployments: desired.items,
    problems: desired.problems,
    openPromotions,
  };
}
