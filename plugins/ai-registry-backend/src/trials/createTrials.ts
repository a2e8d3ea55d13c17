import {
  ClusterClient,
  kubeConfigOf,
  readKubernetesConfig,
} from '@greenroom/cluster-client';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { takesIssuedTokens } from '@greenroom/ai-node';
import { JobTrialRunner } from '../adapters/kubernetes/JobTrialRunner';
import { ProcessTrialRunner } from '../adapters/process/ProcessTrialRunner';
import type { RegistryParts } from '../registryParts';
import type { TrialRunner } from './TrialRunner';
import { Trials, type TrialsOptions } from './Trials';

/** Trials as the configuration says. */
export function createTrials(
  options: Omit<TrialsOptions, 'runner'> &
    RunnerParts & {
      artifacts: ArtifactStore;
    },
): Trials {
  return new Trials({ ...options, runner: createRunner(options) });
}

type RunnerParts = Pick<
  RegistryParts,
  'config' | 'discovery' | 'issuedTokens' | 'logger' | 'rootConfig'
>;

/** @throws Error that names the setting that trials need and is missing or wrong */
function createRunner({
  artifacts,
  config,
  discovery,
  issuedTokens,
  logger,
  rootConfig,
}: RunnerParts & { artifacts: ArtifactStore }): TrialRunner | { why: string } {
  const { program, kubernetes: place, ...limits } = config.trial;
  if (place) {
    if (!takesIssuedTokens(rootConfig)) {
      throw new Error(
        'Versions are tried as Jobs (aiRegistry.trial.kubernetes), with tokens that the control plane issues itself: add { type: greenroom, options: { from: portal } } to backend.auth.externalAccess',
      );
    }
    const kubernetes = readKubernetesConfig(rootConfig);
    return new JobTrialRunner({
      ...limits,
      client: new ClusterClient(kubeConfigOf(kubernetes, place.cluster)),
      place,
      installation: kubernetes.installation,
      tokens: issuedTokens,
      controlPlaneUrl: async () =>
        (await discovery.getBaseUrl('ai-registry')).replace(
          /\/api\/ai-registry\/?$/,
          '',
        ),
      logger,
    });
  }
  return program === undefined
    ? {
        why: 'neither aiRegistry.trial.program nor aiRegistry.trial.kubernetes is set.',
      }
    : new ProcessTrialRunner({ program, artifacts, ...limits });
}
