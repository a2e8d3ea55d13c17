/**
 * The pages and the card of inference for an app of Backstage's old frontend system.
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
} from '@backstage/core-plugin-api';
import { inLegacyApp } from '@greenroom/ai-react/legacy';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import { aiInferenceApiRef } from './api/AiInferenceApi';
import { comparisonApiRef } from './api/ComparisonApi';
import { modelsApiRef } from './api/ModelsApi';
import {
  connectionsRouteRef,
  dashboardRouteRef,
  deploymentRouteRef,
  deploymentsRouteRef,
  keysRouteRef,
  modelRouteRef,
  playgroundModelRouteRef,
  playgroundRouteRef,
  promotionRouteRef,
} from './routes';

export const aiInferencePlugin = createPlugin({
  id: 'ai-inference',
  apis: [
    createApiFactory({
      api: aiInferenceApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiInferenceClient(deps),
    }),
    createApiFactory({
      api: modelsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiRegistryClient(deps),
    }),
    createApiFactory({
      api: comparisonApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiMonitoringClient(deps),
    }),
  ],
  routes: {
    deployments: convertLegacyRouteRef(deploymentsRouteRef),
    deployment: convertLegacyRouteRef(deploymentRouteRef),
    keys: convertLegacyRouteRef(keysRouteRef),
    connections: convertLegacyRouteRef(connectionsRouteRef),
    playground: convertLegacyRouteRef(playgroundRouteRef),
    playgroundModel: convertLegacyRouteRef(playgroundModelRouteRef),
  },
  externalRoutes: {
    model: convertLegacyRouteRef(modelRouteRef),
    promotion: convertLegacyRouteRef(promotionRouteRef),
    dashboard: convertLegacyRouteRef(dashboardRouteRef),
  },
});

/** What runs where, and how rollouts go; usually at `/ai-inference/deployments`. */
export const AiDeploymentsPage = aiInferencePlugin.provide(
  createRoutableExtension({
    name: 'AiDeploymentsPage',
    component: () =>
      import('./legacy/InferencePage').then(m =>
        inLegacyApp(m.DeploymentsPage),
      ),
    mountPoint: convertLegacyRouteRef(deploymentsRouteRef),
  }),
);

/** Calls of a model by hand; usually at `/ai-inference/playground`. */
export const AiPlaygroundPage = aiInferencePlugin.provide(
  createRoutableExtension({
    name: 'AiPlaygroundPage',
    component: () =>
      import('./legacy/InferencePage').then(m => inLegacyApp(m.PlaygroundPage)),
    mountPoint: convertLegacyRouteRef(playgroundRouteRef),
  }),
);

/** Keys of those who call models; usually at `/ai-inference/keys`. */
export const AiKeysPage = aiInferencePlugin.provide(
  createRoutableExtension({
    name: 'AiKeysPage',
    component: () =>
      import('./legacy/InferencePage').then(m => inLegacyApp(m.KeysPage)),
    mountPoint: convertLegacyRouteRef(keysRouteRef),
  }),
);

/** Ways to providers, and whether they answer; usually at `/ai-inference/connections`. */
export const AiConnectionsPage = aiInferencePlugin.provide(
  createRoutableExtension({
    name: 'AiConnectionsPage',
    component: () =>
      import('./legacy/InferencePage').then(m =>
        inLegacyApp(m.ConnectionsPage),
      ),
    mountPoint: convertLegacyRouteRef(connectionsRouteRef),
  }),
);

/** Card for the overview of an entity that is a model. */
export const EntityAiDeploymentCard = aiInferencePlugin.provide(
  createComponentExtension({
    name: 'EntityAiDeploymentCard',
    component: {
      lazy: () =>
        import('./entity/DeploymentEntityCard').then(m =>
          inLegacyApp(m.DeploymentEntityCard),
        ),
    },
  }),
);

/** Card with what callers of a model need, for the overview of an entity that is a model, or its API. */
export const EntityAiConsumerCard = aiInferencePlugin.provide(
  createComponentExtension({
    name: 'EntityAiConsumerCard',
    component: {
      lazy: () =>
        import('./entity/ConsumerEntityCard').then(m =>
          inLegacyApp(m.ConsumerEntityCard),
        ),
    },
  }),
);
