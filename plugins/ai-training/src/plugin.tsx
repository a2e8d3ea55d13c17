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
  datasetVersionRouteRef,
  deploymentRouteRef,
  experimentRouteRef,
  rootRouteRef,
  runRouteRef,
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
    title: 'Experiments',
    icon: <RiLineChartLine />,
    loader: () => import('./TrainingRouter').then(m => <m.TrainingRouter />),
  },
});

/** Pages of experiments, and of the runs in them. */
export const aiTrainingPlugin = createFrontendPlugin({
  pluginId: 'ai-training',
  title: 'Experiments',
  icon: <RiLineChartLine />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    experiment: experimentRouteRef,
    run: runRouteRef,
  },
  externalRoutes: {
    version: versionRouteRef,
    datasetVersion: datasetVersionRouteRef,
    deployment: deploymentRouteRef,
  },
  extensions: [trainingApi, registryApi, inferenceApi, trainingPage],
});
