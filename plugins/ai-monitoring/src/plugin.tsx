import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import {
  AiRegistryClient,
  ENTITY_TYPE_AI_MODEL,
} from '@greenroom/plugin-ai-registry-common';
import { RiPulseLine } from '@remixicon/react';
import { aiMonitoringApiRef } from './api/AiMonitoringApi';
import { versionsApiRef } from './api/VersionsApi';
import {
  modelRouteRef,
  playgroundRouteRef,
  registryModelRouteRef,
  rootRouteRef,
} from './routes';

const monitoringApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: aiMonitoringApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiMonitoringClient(deps),
    }),
});

const versionsApi = ApiBlueprint.make({
  name: 'versions',
  params: defineParams =>
    defineParams({
      api: versionsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiRegistryClient(deps),
    }),
});

const monitoringPage = PageBlueprint.make({
  params: {
    path: '/ai-monitoring',
    routeRef: rootRouteRef,
    title: 'Monitoring',
    icon: <RiPulseLine />,
    loader: () =>
      import('./MonitoringRouter').then(m => <m.MonitoringRouter />),
  },
});

const healthEntityCard = EntityCardBlueprint.make({
  name: 'health',
  params: {
    filter: { kind: 'resource', 'spec.type': ENTITY_TYPE_AI_MODEL },
    type: 'content',
    loader: () =>
      import('./entity/HealthEntityCard').then(m => <m.HealthEntityCard />),
  },
});

/** Pages of monitoring: the health of all models, and a dashboard each. */
export const aiMonitoringPlugin = createFrontendPlugin({
  pluginId: 'ai-monitoring',
  title: 'Monitoring',
  icon: <RiPulseLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef, model: modelRouteRef },
  externalRoutes: {
    registryModel: registryModelRouteRef,
    playground: playgroundRouteRef,
  },
  extensions: [monitoringApi, versionsApi, monitoringPage, healthEntityCard],
});
