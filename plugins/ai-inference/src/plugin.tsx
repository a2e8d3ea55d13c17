import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import {
  AiRegistryClient,
  ANNOTATION_MODEL,
  ENTITY_TYPE_AI_MODEL,
} from '@greenroom/plugin-ai-registry-common';
import {
  RiFlaskLine,
  RiPlugLine,
  RiKey2Line,
  RiRocket2Line,
  RiStackLine,
} from '@remixicon/react';
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
  rootRouteRef,
} from './routes';

const inferenceApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: aiInferenceApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiInferenceClient(deps),
    }),
});

const modelsApi = ApiBlueprint.make({
  name: 'models',
  params: defineParams =>
    defineParams({
      api: modelsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiRegistryClient(deps),
    }),
});

const comparisonApi = ApiBlueprint.make({
  name: 'comparisons',
  params: defineParams =>
    defineParams({
      api: comparisonApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiMonitoringClient(deps),
    }),
});

const inferencePage = PageBlueprint.make({
  params: {
    path: '/ai-inference',
    routeRef: rootRouteRef,
    title: 'Inference',
    icon: <RiRocket2Line />,
  },
});

const deploymentsPage = SubPageBlueprint.make({
  name: 'deployments',
  params: {
    path: 'deployments',
    title: 'Deployments',
    icon: <RiStackLine />,
    routeRef: deploymentsRouteRef,
    loader: () =>
      import('./deployments/DeploymentsRouter').then(m => (
        <m.DeploymentsRouter />
      )),
  },
});

const playgroundPage = SubPageBlueprint.make({
  name: 'playground',
  params: {
    path: 'playground',
    title: 'Playground',
    icon: <RiFlaskLine />,
    routeRef: playgroundRouteRef,
    loader: () =>
      import('./playground/PlaygroundRouter').then(m => <m.PlaygroundRouter />),
  },
});

const keysPage = SubPageBlueprint.make({
  name: 'keys',
  params: {
    path: 'keys',
    title: 'Keys',
    icon: <RiKey2Line />,
    routeRef: keysRouteRef,
    loader: () => import('./keys/KeysPage').then(m => <m.KeysPage />),
  },
});

const connectionsPage = SubPageBlueprint.make({
  name: 'connections',
  params: {
    path: 'connections',
    title: 'Connections',
    icon: <RiPlugLine />,
    routeRef: connectionsRouteRef,
    loader: () =>
      import('./connections/ConnectionsPage').then(m => <m.ConnectionsPage />),
  },
});

const deploymentEntityCard = EntityCardBlueprint.make({
  name: 'deployment',
  params: {
    filter: { kind: 'resource', 'spec.type': ENTITY_TYPE_AI_MODEL },
    type: 'content',
    loader: () =>
      import('./entity/DeploymentEntityCard').then(m => (
        <m.DeploymentEntityCard />
      )),
  },
});

const consumerEntityCard = EntityCardBlueprint.make({
  name: 'consumer',
  params: {
    // The model, and its API in each environment.
    filter: {
      $any: [
        { kind: 'resource', 'spec.type': ENTITY_TYPE_AI_MODEL },
        {
          kind: 'api',
          [`metadata.annotations.${ANNOTATION_MODEL}`]: { $exists: true },
        },
      ],
    },
    type: 'info',
    loader: () =>
      import('./entity/ConsumerEntityCard').then(m => <m.ConsumerEntityCard />),
  },
});

/** Pages of inference: what runs where, rollouts, keys, connections and the playground. */
export const aiInferencePlugin = createFrontendPlugin({
  pluginId: 'ai-inference',
  title: 'Inference',
  icon: <RiRocket2Line />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    deployments: deploymentsRouteRef,
    deployment: deploymentRouteRef,
    keys: keysRouteRef,
    connections: connectionsRouteRef,
    playground: playgroundRouteRef,
    playgroundModel: playgroundModelRouteRef,
  },
  externalRoutes: {
    model: modelRouteRef,
    promotion: promotionRouteRef,
    dashboard: dashboardRouteRef,
  },
  extensions: [
    inferenceApi,
    modelsApi,
    comparisonApi,
    inferencePage,
    deploymentsPage,
    playgroundPage,
    keysPage,
    connectionsPage,
    deploymentEntityCard,
    consumerEntityCard,
  ],
});
