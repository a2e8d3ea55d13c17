import { createBackendFeatureLoader } from '@backstage/backend-plugin-api';
import { aiRegistryModuleTrainingArtifacts } from './artifacts/registryModule';
import { aiTrainingPlugin } from './plugin';

/**
 * The plugin, and what the registry of the same backend has to know of it. A backend without the
 * registry adds the plugin alone, and the registry's backend the module.
 */
export const aiTrainingFeatures = createBackendFeatureLoader({
  loader: () => [aiTrainingPlugin, aiRegistryModuleTrainingArtifacts],
});
