import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { Aliases } from '../../aliases/createAliases';
import type { RegistryConfig } from '../../config';
import type { EnvironmentsFeature } from '../../environments/createEnvironments';
import type { Models } from '../../models/createModels';
import { MergeCalendars } from '../gates/MergeCalendars';
import { PromotionStore } from '../PromotionStore';
import { Stays } from '../Stays';
import { createPipelineRouter } from './createPipelineRouter';
import { PipelineReader } from './PipelineReader';

/** How versions move from environment to environment, for people to see. */
export function createPipeline(options: {
  aliases: Pick<Aliases, 'store'>;
  config: Pick<RegistryConfig, 'environments' | 'promotion'>;
  environments: Pick<EnvironmentsFeature, 'deployments' | 'serving'>;
  httpAuth: HttpAuthService;
  knex: Knex;
  models: { service: Pick<Models['service'], 'list'> };
}) {
  const { aliases, config, environments, models } = options;
  const store = new PromotionStore(options);
  const pipeline = new PipelineReader({
    deployments: environments.deployments,
    environments: config.environments,
    calendars: new MergeCalendars(config.environments),
    gates: config.promotion.gates,
    models: models.service,
    stays: new Stays({
      aliases: aliases.store,
      promotions: store,
      serving: environments.serving,
    }),
    store,
  });
  return {
    pipeline,
    router: createPipelineRouter({ ...options, pipeline }),
  };
}
