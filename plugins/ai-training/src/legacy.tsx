/**
 * The pages of experiments for an app of Backstage's old frontend system.
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
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from './api/AiTrainingApi';
import { experimentRouteRef, rootRouteRef, runRouteRef } from './routes';

export const aiTrainingPlugin = createPlugin({
  id: 'ai-training',
  apis: [
    createApiFactory({
      api: aiTrainingApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new AiTrainingClient(deps),
    }),
  ],
  routes: {
    root: convertLegacyRouteRef(rootRouteRef),
    experiment: convertLegacyRouteRef(experimentRouteRef),
    run: convertLegacyRouteRef(runRouteRef),
  },
});

/** Experiments and their runs; usually at `/ai-training`. */
export const AiTrainingPage = aiTrainingPlugin.provide(
  createRoutableExtension({
    name: 'AiTrainingPage',
    component: () =>
      import('./legacy/TrainingPage').then(m => inLegacyApp(m.TrainingPage)),
    mountPoint: convertLegacyRouteRef(rootRouteRef),
  }),
);
