import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { createKubernetesBackends } from '../adapters/kubernetes/createKubernetesBackends';
import { LocalTrainingBackend } from '../adapters/localProcess/LocalTrainingBackend';
import type { TrainingConfig } from '../config';
import type { TrainingBackend } from './TrainingBackend';

/**
 * What runs training jobs, as the configuration says; the first one where nobody chooses.
 *
 * @throws Error that names the setting that is missing
 */
export function createBackends(options: {
  config: TrainingConfig;
  rootConfig: RootConfigService;
  artifacts: ArtifactStore;
  logger: LoggerService;
}): TrainingBackend[] {
  const { config, rootConfig, artifacts, logger } = options;
  const backends: TrainingBackend[] = createKubernetesBackends({
    config: rootConfig,
    logger,
  });
  if (config.local) {
    const { directory, ...settings } = config.local;
    if (directory === undefined) {
      throw new Error(
        'This machine is to run training (aiTraining.local), and no folder is set for it: set aiTraining.local.directory',
      );
    }
    backends.push(
      new LocalTrainingBackend({
        ...settings,
        directory,
        artifacts,
        logger,
        surroundings: process.env,
      }),
    );
  }
  return backends;
}
