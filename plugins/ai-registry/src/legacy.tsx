/**
 * The pages and cards of the registry for an app of Backstage's old frontend system.
 *
 * @packageDocumentation
 */
import { convertLegacyRouteRef } from '@backstage/core-compat-api';
import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
  identityApiRef,
} from '@backstage/core-plugin-api';
import { createSearchResultListItemExtension } from '@backstage/plugin-search-react';
import { inLegacyApp } from '@greenroom/ai-react/legacy';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { aiRegistryApiRef } from './api/AiRegistryApi';
import { auditApiRef, createAuditApi } from './api/AuditApi';
import { inferenceApiRef } from './api/InferenceApi';
import { PortalRegistryClient } from './api/PortalRegistryClient';
import {
  auditRouteRef,
  compareRouteRef,
  datasetRouteRef,
  datasetsRouteRef,
  datasetVersionRouteRef,
  deploymentsRouteRef,
  evaluationRunRouteRef,
  modelRouteRef,
  modelsRouteRef,
  pipelineRouteRef,
  promotionRouteRef,
  promotionsRouteRef,
  jobRouteRef,
  runRouteRef,
  versionRouteRef,
  webhookRouteRef,
  webhooksRouteRef,
} from './routes';
import { isRegistryResult } from './search/isRegistryResult';

export { isAiDataset } from './entity/isAiDataset';
export { isAiModel } from './entity/isAiModel';

export const aiRegistryPlugin = createPlugin({
  id: 'ai-registry',
  apis: [
    createApiFactory({
      api: aiRegistryApiRef,
      deps: {
        discoveryApi: discoveryApiRef,
        fetchApi: fetchApiRef,
        identityApi: identityApiRef,
      },
      factory: deps => new PortalRegistryClient(deps),
    }),
    createApiFactory({
      api: inferenceApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiInferenceClient(deps),
    }),
    createApiFactory({
      api: auditApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => createAuditApi(deps),
    }),
  ],
  routes: {
    models: convertLegacyRouteRef(modelsRouteRef),
    model: convertLegacyRouteRef(modelRouteRef),
    version: convertLegacyRouteRef(versionRouteRef),
    evaluationRun: convertLegacyRouteRef(evaluationRunRouteRef),
    compare: convertLegacyRouteRef(compareRouteRef),
    promotions: convertLegacyRouteRef(promotionsRouteRef),
    pipeline: convertLegacyRouteRef(pipelineRouteRef),
    promotion: convertLegacyRouteRef(promotionRouteRef),
    datasets: convertLegacyRouteRef(datasetsRouteRef),
    dataset: convertLegacyRouteRef(datasetRouteRef),
    datasetVersion: convertLegacyRouteRef(datasetVersionRouteRef),
    audit: convertLegacyRouteRef(auditRouteRef),
    webhooks: convertLegacyRouteRef(webhooksRouteRef),
    webhook: convertLegacyRouteRef(webhookRouteRef),
  },
  externalRoutes: {
    deployments: convertLegacyRouteRef(deploymentsRouteRef),
    job: convertLegacyRouteRef(jobRouteRef),
    run: convertLegacyRouteRef(runRouteRef),
  },
});

/** Models, their versions, and comparisons of these; usually at `/ai-registry/models`. */
export const AiModelsPage = aiRegistryPlugin.provide(
  createRoutableExtension({
    name: 'AiModelsPage',
    component: () =>
      import('./legacy/RegistryPage').then(m => inLegacyApp(m.ModelsPage)),
    mountPoint: convertLegacyRouteRef(modelsRouteRef),
  }),
);

/** Promotions; usually at `/ai-registry/promotions`. */
export const AiPromotionsPage = aiRegistryPlugin.provide(
  createRoutableExtension({
    name: 'AiPromotionsPage',
    component: () =>
      import('./legacy/RegistryPage').then(m => inLegacyApp(m.PromotionsPage)),
    mountPoint: convertLegacyRouteRef(promotionsRouteRef),
  }),
);

/** Datasets and their versions; usually at `/ai-registry/datasets`. */
export const AiDatasetsPage = aiRegistryPlugin.provide(
  createRoutableExtension({
    name: 'AiDatasetsPage',
    component: () =>
      import('./legacy/RegistryPage').then(m => inLegacyApp(m.DatasetsPage)),
    mountPoint: convertLegacyRouteRef(datasetsRouteRef),
  }),
);

/** What was changed, and by whom; usually at `/ai-registry/audit`. */
export const AiAuditPage = aiRegistryPlugin.provide(
  createRoutableExtension({
    name: 'AiAuditPage',
    component: () =>
      import('./legacy/RegistryPage').then(m => inLegacyApp(m.AuditLogPage)),
    mountPoint: convertLegacyRouteRef(auditRouteRef),
  }),
);

/** Addresses that are told of what happens to models; usually at `/ai-registry/webhooks`. */
export const AiWebhooksPage = aiRegistryPlugin.provide(
  createRoutableExtension({
    name: 'AiWebhooksPage',
    component: () =>
      import('./legacy/RegistryPage').then(m => inLegacyApp(m.WebhooksPage)),
    mountPoint: convertLegacyRouteRef(webhooksRouteRef),
  }),
);

/** Content of a tab of the settings: tokens of programs, for administrators. */
export const AiServiceTokensSettings = aiRegistryPlugin.provide(
  createComponentExtension({
    name: 'AiServiceTokensSettings',
    component: {
      lazy: () =>
        import('./serviceTokens/ServiceTokensPage').then(m =>
          inLegacyApp(m.ServiceTokensPage),
        ),
    },
  }),
);

/** A model, a version, a promotion or a dataset among the results of a search. */
export const AiRegistrySearchResultListItem = aiRegistryPlugin.provide(
  createSearchResultListItemExtension({
    name: 'AiRegistrySearchResultListItem',
    predicate: isRegistryResult,
    component: () =>
      import('./search/RegistryResult').then(m =>
        inLegacyApp(m.RegistryResult),
      ),
  }),
);

/** Card for the overview of an entity that is a model. */
export const EntityAiModelCard = aiRegistryPlugin.provide(
  createComponentExtension({
    name: 'EntityAiModelCard',
    component: {
      lazy: () =>
        import('./entity/ModelEntityCard').then(m =>
          inLegacyApp(m.ModelEntityCard),
        ),
    },
  }),
);

/** Content of a tab of such an entity: environments, quality and versions. */
export const EntityAiModelVersionsContent = aiRegistryPlugin.provide(
  createComponentExtension({
    name: 'EntityAiModelVersionsContent',
    component: {
      lazy: () =>
        import('./entity/ModelEntityContent').then(m =>
          inLegacyApp(m.ModelEntityContent),
        ),
    },
  }),
);

/** Card for the overview of an entity that is a dataset. */
export const EntityAiDatasetCard = aiRegistryPlugin.provide(
  createComponentExtension({
    name: 'EntityAiDatasetCard',
    component: {
      lazy: () =>
        import('./entity/DatasetEntityCard').then(m =>
          inLegacyApp(m.DatasetEntityCard),
        ),
    },
  }),
);
