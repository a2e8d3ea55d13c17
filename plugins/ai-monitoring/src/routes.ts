import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** `/ai-monitoring` */
export const rootRouteRef = createRouteRef();

/** `/ai-monitoring/models/:name`, with `?environment=`, `&version=` and `&range=` */
export const modelRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/models/:name',
});

/** A model's page in the registry. */
export const registryModelRouteRef = createExternalRouteRef({
  params: ['name'],
  defaultTarget: 'ai-registry.model',
});

/** The playground of inference, where traffic can be made by hand. */
export const playgroundRouteRef = createExternalRouteRef({
  params: ['model'],
  defaultTarget: 'ai-inference.playgroundModel',
});
