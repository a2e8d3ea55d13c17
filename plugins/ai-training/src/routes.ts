import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** `/ai-training`, which leads to the experiments */
export const rootRouteRef = createRouteRef();

/** `/ai-training/experiments`, with `?search=` and `&state=deleted` */
export const experimentsRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/experiments',
});

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

/** `/ai-training/jobs`, with `?phase=`, `&template=` and `&team=` */
export const jobsRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/jobs',
});

/** `/ai-training/jobs/:id` */
export const jobRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/jobs/:id',
});

/** `/ai-training/templates` */
export const templatesRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/templates',
});

/** `/ai-training/templates/:name/start`, with `?clone=` or `?resume=` and the id of a job */
export const startRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/templates/:name/start',
});

/** `/ai-training/queue` */
export const queueRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/queue',
});

/** `/ai-training/costs` */
export const costsRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/costs',
});

/** A model in the registry. */
export const modelRouteRef = createExternalRouteRef({
  params: ['name'],
  defaultTarget: 'ai-registry.model',
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
