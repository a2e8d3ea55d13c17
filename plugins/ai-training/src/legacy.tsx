/**
 * The pages of experiments and training jobs for an app of Backstage's old frontend system.
 *
 * @packageDocumentation
 */
import { convertLegacyRouteRef } from '@backstage/core-compat-api';
import {
  createApiFactory,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { inLegacyApp } from '@greenroom/ai-react/legacy';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from './api/AiTrainingApi';
import { inferenceApiRef, registryApiRef } from './api/otherPlugins';
import {
  datasetVersionRouteRef,
  deploymentRouteRef,
  experimentRouteRef,
  experimentsRouteRef,
  jobRouteRef,
  jobsRouteRef,
  modelRouteRef,
  costsRouteRef,
  queueRouteRef,
  rootRouteRef,
  runRouteRef,
  startRouteRef,
  templatesRouteRef,
  versionRouteRef,
} from './routes';

export const aiTrainingPlugin = createPlugin({
  id: 'ai-training',
  apis: [
    createApiFactory({
      api: aiTrainingApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiTrainingClient(deps),
    }),
    createApiFactory({
      api: registryApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiRegistryClient(deps),
    }),
    createApiFactory({
      api: inferenceApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiInferenceClient(deps),
    }),
  ],
  routes: {
    root: convertLegacyRouteRef(rootRouteRef),
    experiments: convertLegacyRouteRef(experimentsRouteRef),
    experiment: convertLegacyRouteRef(experimentRouteRef),
    run: convertLegacyRouteRef(runRouteRef),
    jobs: convertLegacyRouteRef(jobsRouteRef),
    job: convertLegacyRouteRef(jobRouteRef),
    templates: convertLegacyRouteRef(templatesRouteRef),
    start: convertLegacyRouteRef(startRouteRef),
    queue: convertLegacyRouteRef(queueRouteRef),
    costs: convertLegacyRouteRef(costsRouteRef),
  },
  externalRoutes: {
    model: convertLegacyRouteRef(modelRouteRef),
    version: convertLegacyRouteRef(versionRouteRef),
    datasetVersion: convertLegacyRouteRef(datasetVersionRouteRef),
    deployment: convertLegacyRouteRef(deploymentRouteRef),
  },
});

/** Experiments and their runs, training jobs, their templates and their queue; usually at `/ai-training`. */
export const AiTrainingPage = aiTrainingPlugin.provide(
  createRoutableExtension({
    name: 'AiTrainingPage',
    component: () =>
      import('./legacy/TrainingPage').then(m => inLegacyApp(m.TrainingPage)),
    mountPoint: convertLegacyRouteRef(rootRouteRef),
  }),
);
