import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** `/ai-training`, with `?search=` and `&state=deleted` */
export const rootRouteRef = createRouteRef();

/** `/ai-training/experiments/:id`; what is looked at is in the address, too: see readView. */
export const experimentRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/experiments/:id',
});

/** `/ai-training/runs/:runId` */
export const runRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/runs/:runId',
});

/** A version of a model in the registry. */
export const versionRouteRef = createExternalRouteRef({
  params: ['name', 'version'],
  defaultTarget: 'ai-registry.version',
});

/** A version of a dataset in the registry. */
export const datasetVersionRouteRef = createExternalRouteRef({
  params: ['name', 'version'],
  defaultTarget: 'ai-registry.datasetVersion',
});

/** A model that is served in an environment. */
export const deploymentRouteRef = createExternalRouteRef({
  params: ['environment', 'model'],
  defaultTarget: 'ai-inference.deployment',
});
