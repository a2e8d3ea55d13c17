/**
 * The pages and the card of monitoring for an app of Backstage's old frontend system.
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
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { aiMonitoringApiRef } from './api/AiMonitoringApi';
import { versionsApiRef } from './api/VersionsApi';
import {
  modelRouteRef,
  playgroundRouteRef,
  registryModelRouteRef,
  rootRouteRef,
} from './routes';

export const aiMonitoringPlugin = createPlugin({
  id: 'ai-monitoring',
  apis: [
    createApiFactory({
      api: aiMonitoringApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiMonitoringClient(deps),
    }),
    createApiFactory({
      api: versionsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiRegistryClient(deps),
    }),
  ],
  routes: {
    root: convertLegacyRouteRef(rootRouteRef),
    model: convertLegacyRouteRef(modelRouteRef),
  },
  externalRoutes: {
    registryModel: convertLegacyRouteRef(registryModelRouteRef),
    playground: convertLegacyRouteRef(playgroundRouteRef),
  },
});

/** The health of all models, and a dashboard each; usually at `/ai-monitoring`. */
export const AiMonitoringPage = aiMonitoringPlugin.provide(
  createRoutableExtension({
    name: 'AiMonitoringPage',
    component: () =>
      import('./legacy/MonitoringPage').then(m =>
        inLegacyApp(m.MonitoringPage),
      ),
    mountPoint: convertLegacyRouteRef(rootRouteRef),
  }),
);

/** Card for the overview of an entity that is a model. */
export const EntityAiHealthCard = aiMonitoringPlugin.provide(
  createComponentExtension({
    name: 'EntityAiHealthCard',
    component: {
      lazy: () =>
        import('./entity/HealthEntityCard').then(m =>
          inLegacyApp(m.HealthEntityCard),
        ),
    },
  }),
);
