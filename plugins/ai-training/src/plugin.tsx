import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import { RiLineChartLine } from '@remixicon/react';
import { aiTrainingApiRef } from './api/AiTrainingApi';
import { inferenceApiRef, registryApiRef } from './api/otherPlugins';
import {
  costsRouteRef,
  datasetVersionRouteRef,
  deploymentRouteRef,
  experimentRouteRef,
  experimentsRouteRef,
  jobRouteRef,
  jobsRouteRef,
  modelRouteRef,
  queueRouteRef,
  rootRouteRef,
  runRouteRef,
  startRouteRef,
  templatesRouteRef,
  versionRouteRef,
} from './routes';

const trainingApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: aiTrainingApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiTrainingClient(deps),
    }),
});

const registryApi = ApiBlueprint.make({
  name: 'registry',
  params: defineParams =>
    defineParams({
      api: registryApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiRegistryClient(deps),
    }),
});

const inferenceApi = ApiBlueprint.make({
  name: 'inference',
  params: defineParams =>
    defineParams({
      api: inferenceApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiInferenceClient(deps),
    }),
});

const trainingPage = PageBlueprint.make({
  params: {
    path: '/ai-training',
    routeRef: rootRouteRef,
    title: 'Training',
    icon: <RiLineChartLine />,
    // It draws its own, with links to its parts: they share one address, which sub-pages can not.
    noHeader: true,
    loader: () => import('./TrainingPage').then(m => <m.TrainingPage />),
  },
});

/** Pages of experiments and their runs, and of training jobs: their templates and their queue. */
export const aiTrainingPlugin = createFrontendPlugin({
  pluginId: 'ai-training',
  title: 'Training',
  icon: <RiLineChartLine />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    experiments: experimentsRouteRef,
    experiment: experimentRouteRef,
    run: runRouteRef,
    jobs: jobsRouteRef,
    job: jobRouteRef,
    templates: templatesRouteRef,
    start: startRouteRef,
    queue: queueRouteRef,
    costs: costsRouteRef,
  },
  externalRoutes: {
    model: modelRouteRef,
    version: versionRouteRef,
    datasetVersion: datasetVersionRouteRef,
    deployment: deploymentRouteRef,
  },
  extensions: [trainingApi, registryApi, inferenceApi, trainingPage],
});
