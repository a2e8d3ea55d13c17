import {
  ApiBlueprint,
  PageBlueprint,
  SubPageBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
  identityApiRef,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { ENTITY_TYPE_AI_MODEL } from '@greenroom/plugin-ai-registry-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import {
  RiBox3Line,
  RiDatabase2Line,
  RiGitPullRequestLine,
  RiHistoryLine,
  RiNotification3Line,
  RiStackLine,
} from '@remixicon/react';
import { aiRegistryApiRef } from './api/AiRegistryApi';
import { auditApiRef, createAuditApi } from './api/AuditApi';
import { inferenceApiRef } from './api/InferenceApi';
import { PortalRegistryClient } from './api/PortalRegistryClient';
import { trainingApiRef } from './api/TrainingApi';
import { isAiDataset } from './entity/isAiDataset';
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
  rootRouteRef,
  jobRouteRef,
  runRouteRef,
  versionRouteRef,
  webhookRouteRef,
  webhooksRouteRef,
} from './routes';
import { searchExtensions } from './search/searchExtensions';

const modelEntityFilter = {
  kind: 'resource',
  'spec.type': ENTITY_TYPE_AI_MODEL,
};

const registryApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: aiRegistryApiRef,
      deps: {
        discoveryApi: discoveryApiRef,
        fetchApi: fetchApiRef,
        identityApi: identityApiRef,
      },
      factory: deps => new PortalRegistryClient(deps),
    }),
});

const trainingApi = ApiBlueprint.make({
  name: 'training',
  params: defineParams =>
    defineParams({
      api: trainingApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiTrainingClient(deps),
    }),
});

const inferenceApi = ApiBlueprint.make({
  name: 'inference',
  params: defineParams =>
    defineParams({
      api: inferenceApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiInferenceClient(deps),
    }),
});

const auditApi = ApiBlueprint.make({
  name: 'audit',
  params: defineParams =>
    defineParams({
      api: auditApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => createAuditApi(deps),
    }),
});

const registryPage = PageBlueprint.make({
  params: {
    path: '/ai-registry',
    routeRef: rootRouteRef,
    title: 'AI registry',
    icon: <RiBox3Line />,
  },
});

const modelsPage = SubPageBlueprint.make({
  name: 'models',
  params: {
    path: 'models',
    title: 'Models',
    icon: <RiStackLine />,
    routeRef: modelsRouteRef,
    loader: () => import('./models/ModelsRouter').then(m => <m.ModelsRouter />),
  },
});

const promotionsPage = SubPageBlueprint.make({
  name: 'promotions',
  params: {
    path: 'promotions',
    title: 'Promotions',
    icon: <RiGitPullRequestLine />,
    routeRef: promotionsRouteRef,
    loader: () =>
      import('./promotions/PromotionsRouter').then(m => <m.PromotionsRouter />),
  },
});

const datasetsPage = SubPageBlueprint.make({
  name: 'datasets',
  params: {
    path: 'datasets',
    title: 'Datasets',
    icon: <RiDatabase2Line />,
    routeRef: datasetsRouteRef,
    loader: () =>
      import('./datasets/DatasetsRouter').then(m => <m.DatasetsRouter />),
  },
});

const auditPage = SubPageBlueprint.make({
  name: 'audit',
  params: {
    path: 'audit',
    title: 'Audit log',
    icon: <RiHistoryLine />,
    routeRef: auditRouteRef,
    loader: () => import('./audit/AuditPage').then(m => <m.AuditPage />),
  },
});

const webhooksPage = SubPageBlueprint.make({
  name: 'webhooks',
  params: {
    path: 'webhooks',
    title: 'Web hooks',
    icon: <RiNotification3Line />,
    routeRef: webhooksRouteRef,
    loader: () =>
      import('./webhooks/WebhooksRouter').then(m => <m.WebhooksRouter />),
  },
});

/** Beside the other settings, where the portal has the page of Backstage's user settings. */
const serviceTokensPage = SubPageBlueprint.make({
  name: 'service-tokens',
  attachTo: { id: 'page:user-settings', input: 'pages' },
  params: {
    path: 'service-tokens',
    title: 'Service tokens',
    loader: () =>
      import('./serviceTokens/ServiceTokensPage').then(m => (
        <m.ServiceTokensPage />
      )),
  },
});

const modelEntityCard = EntityCardBlueprint.make({
  name: 'model',
  params: {
    filter: modelEntityFilter,
    type: 'info',
    loader: () =>
      import('./entity/ModelEntityCard').then(m => <m.ModelEntityCard />),
  },
});

const modelEntityContent = EntityContentBlueprint.make({
  name: 'versions',
  params: {
    path: '/versions',
    title: 'Versions',
    group: 'deployment',
    icon: <RiBox3Line />,
    filter: modelEntityFilter,
    loader: () =>
      import('./entity/ModelEntityContent').then(m => <m.ModelEntityContent />),
  },
});

const datasetEntityCard = EntityCardBlueprint.make({
  name: 'dataset',
  params: {
    filter: isAiDataset,
    type: 'info',
    loader: () =>
      import('./entity/DatasetEntityCard').then(m => <m.DatasetEntityCard />),
  },
});

/** Pages of the model registry: models, versions, aliases, promotions and datasets. */
export const aiRegistryPlugin = createFrontendPlugin({
  pluginId: 'ai-registry',
  title: 'AI registry',
  icon: <RiBox3Line />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    models: modelsRouteRef,
    model: modelRouteRef,
    version: versionRouteRef,
    evaluationRun: evaluationRunRouteRef,
    compare: compareRouteRef,
    promotions: promotionsRouteRef,
    pipeline: pipelineRouteRef,
    promotion: promotionRouteRef,
    datasets: datasetsRouteRef,
    dataset: datasetRouteRef,
    datasetVersion: datasetVersionRouteRef,
    audit: auditRouteRef,
    webhooks: webhooksRouteRef,
    webhook: webhookRouteRef,
  },
  externalRoutes: {
    deployments: deploymentsRouteRef,
    job: jobRouteRef,
    run: runRouteRef,
  },
  extensions: [
    registryApi,
    inferenceApi,
    trainingApi,
    auditApi,
    registryPage,
    modelsPage,
    promotionsPage,
    datasetsPage,
    webhooksPage,
    auditPage,
    serviceTokensPage,
    modelEntityCard,
    modelEntityContent,
    datasetEntityCard,
    ...searchExtensions,
  ],
});
