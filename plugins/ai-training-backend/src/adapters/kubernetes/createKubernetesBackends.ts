import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { InputError, toError } from '@backstage/errors';
import {
  ClusterClient,
  kubeConfigOf,
  readKubernetesConfig,
} from '@greenroom/cluster-client';
import { readFlavors } from '@greenroom/plugin-ai-registry-common';
import { KubernetesTrainingBackend } from './KubernetesTrainingBackend';
import { readTrainingPlaces } from './settings';

/**
 * The clusters that train, as they are configured; nothing is asked of them yet.
 *
 * @throws InputError that names the setting that is wrong
 */
export function createKubernetesBackends({
  config,
  logger,
}: {
  config: RootConfigService;
  logger: LoggerService;
}): KubernetesTrainingBackend[] {
  const places = readTrainingPlaces(config);
  if (places.length === 0) return [];
  const clusters = readKubernetesConfig(config);
  const flavors = readFlavors(config);
  return places.map((place, index) => {
    try {
      return new KubernetesTrainingBackend({
        client: new ClusterClient(kubeConfigOf(clusters, place.cluster)),
        place,
        flavors,
        installation: clusters.installation,
        logger,
      });
    } catch (error) {
      throw new InputError(
        `aiTraining.kubernetes[${index}].cluster: ${toError(error).message}`,
      );
    }
  });
}
