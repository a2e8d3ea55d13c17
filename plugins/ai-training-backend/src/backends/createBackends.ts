import type { Config } from '@backstage/config';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type { TrainingConfig } from '../config';
import type { TrainingBackend } from './TrainingBackend';

/** What runs training jobs, as the configuration says; the first one where nobody chooses. */
export function createBackends(_options: {
  config: TrainingConfig;
  rootConfig: Config;
  artifacts: ArtifactStore;
  logger: LoggerService;
}): TrainingBackend[] {
  return [];
}
