import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** `/ai-inference` */
export const rootRouteRef = createRouteRef();

/** `/ai-inference/deployments` */
export const deploymentsRouteRef = createRouteRef();

/** `/ai-inference/deployments/:environment/:model` */
export const deploymentRouteRef = createSubRouteRef({
  parent: deploymentsRouteRef,
  path: '/:environment/:model',
});

/** `/ai-inference/keys` */
export const keysRouteRef = createRouteRef();

/** `/ai-inference/connections` */
export const connectionsRouteRef = createRouteRef();

/** `/ai-inference/playground` */
export const playgroundRouteRef = createRouteRef();

/** `/ai-inference/playground/:model`, with `?version=` and `&environment=` */
export const playgroundModelRouteRef = createSubRouteRef({
  parent: playgroundRouteRef,
  path: '/:model',
});

/** A model's page in the registry. */
export const modelRouteRef = createExternalRouteRef({
  params: ['name'],
  defaultTarget: 'ai-registry.model',
});

/** A promotion's page in the registry. */
export const promotionRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'ai-registry.promotion',
});

/** A model's dashboard. */
export const dashboardRouteRef = createExternalRouteRef({
  params: ['name'],
  defaultTarget: 'ai-monitoring.model',
});
