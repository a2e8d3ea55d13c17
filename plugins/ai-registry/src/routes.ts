import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** `/ai-registry` */
export const rootRouteRef = createRouteRef();

/** `/ai-registry/models` */
export const modelsRouteRef = createRouteRef();

/** `/ai-registry/models/:name` */
export const modelRouteRef = createSubRouteRef({
  parent: modelsRouteRef,
  path: '/:name',
});

/** `/ai-registry/models/:name/versions/:version` */
export const versionRouteRef = createSubRouteRef({
  parent: modelsRouteRef,
  path: '/:name/versions/:version',
});

/** `/ai-registry/models/:name/versions/:version/evaluation-runs/:run`, with `?compareWith=` */
export const evaluationRunRouteRef = createSubRouteRef({
  parent: modelsRouteRef,
  path: '/:name/versions/:version/evaluation-runs/:run',
});

/** `/ai-registry/models/:name/compare`, with `?base=` and `&candidate=` */
export const compareRouteRef = createSubRouteRef({
  parent: modelsRouteRef,
  path: '/:name/compare',
});

/** `/ai-registry/promotions` */
export const promotionsRouteRef = createRouteRef();

/** `/ai-registry/promotions/pipeline`, with `?search=`, `&owner=` and `&only=moving` */
export const pipelineRouteRef = createSubRouteRef({
  parent: promotionsRouteRef,
  path: '/pipeline',
});

/** `/ai-registry/promotions/:id` */
export const promotionRouteRef = createSubRouteRef({
  parent: promotionsRouteRef,
  path: '/:id',
});

/** `/ai-registry/datasets` */
export const datasetsRouteRef = createRouteRef();

/** `/ai-registry/datasets/:name` */
export const datasetRouteRef = createSubRouteRef({
  parent: datasetsRouteRef,
  path: '/:name',
});

/** `/ai-registry/datasets/:name/versions/:version` */
export const datasetVersionRouteRef = createSubRouteRef({
  parent: datasetsRouteRef,
  path: '/:name/versions/:version',
});

/** `/ai-registry/audit` */
export const auditRouteRef = createRouteRef();

/** `/ai-registry/webhooks` */
export const webhooksRouteRef = createRouteRef();

/** `/ai-registry/webhooks/:id` */
export const webhookRouteRef = createSubRouteRef({
  parent: webhooksRouteRef,
  path: '/:id',
});

/** Where one watches rollouts. */
export const deploymentsRouteRef = createExternalRouteRef({
  defaultTarget: 'ai-inference.deployments',
});

/** The run that a version was registered from. */
export const runRouteRef = createExternalRouteRef({
  params: ['runId'],
  defaultTarget: 'ai-training.run',
});

/** The training job that a version was converted by. */
export const jobRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'ai-training.job',
});
