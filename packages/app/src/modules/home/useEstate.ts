import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import { useLive } from '@greenroom/ai-react';
import { aiInferenceApiRef } from '@greenroom/plugin-ai-inference';
import { SIGNAL_CHANNEL as INFERENCE_CHANNEL } from '@greenroom/plugin-ai-inference-common';
import { aiMonitoringApiRef } from '@greenroom/plugin-ai-monitoring';
import { SIGNAL_CHANNEL as MONITORING_CHANNEL } from '@greenroom/plugin-ai-monitoring-common';
import { aiRegistryApiRef } from '@greenroom/plugin-ai-registry';
import { SIGNAL_CHANNEL as REGISTRY_CHANNEL } from '@greenroom/plugin-ai-registry-common';
import useAsync from 'react-use/esm/useAsync';

const MODEL_LIMIT = 100;
const DEPLOYMENT_LIMIT = 500;
const HEALTH_LIMIT = 500;
const MOVING_LIMIT = 10;
const CHANGE_LIMIT = 12;

/** Everything that the home page shows, each part loading and failing for itself. */
export function useEstate() {
  const registry = useApi(aiRegistryApiRef);
  const inference = useApi(aiInferenceApiRef);
  const monitoring = useApi(aiMonitoringApiRef);
  const identity = useApi(identityApiRef);

  const me = useAsync(() => identity.getBackstageIdentity(), [identity]);
  const models = useLive(
    signal => registry.listModels({ limit: MODEL_LIMIT }, { signal }),
    [],
    { channel: REGISTRY_CHANNEL, pollMillis: 30_000 },
  );
  const deployments = useLive(
    signal =>
      inference.listDeployments({ limit: DEPLOYMENT_LIMIT }, { signal }),
    [],
    { channel: INFERENCE_CHANNEL },
  );
  const moving = useLive(
    signal =>
      inference.listDeployments(
        { running: true, limit: MOVING_LIMIT },
        { signal },
      ),
    [],
    { channel: INFERENCE_CHANNEL, pollMillis: 10_000 },
  );
  const problems = useLive(
    signal => registry.listEnvironmentProblems({ signal }),
    [],
    { channel: REGISTRY_CHANNEL, pollMillis: 30_000 },
  );
  const health = useLive(
    signal => monitoring.listHealth({ limit: HEALTH_LIMIT }, { signal }),
    [],
    { channel: MONITORING_CHANNEL, spacingMillis: 5_000 },
  );
  const waiting = useLive(
    signal => registry.listPromotions({ open: true }, { signal }),
    [],
    { channel: REGISTRY_CHANNEL },
  );
  const promotions = useLive(
    signal => registry.listPromotions({ limit: CHANGE_LIMIT }, { signal }),
    [],
    { channel: REGISTRY_CHANNEL },
  );
  const rollouts = useLive(
    signal => inference.listRollouts({ limit: CHANGE_LIMIT }, { signal }),
    [],
    { channel: INFERENCE_CHANNEL },
  );
  return {
    me: me.value,
    models,
    deployments,
    moving,
    problems,
    health,
    waiting,
    promotions,
    rollouts,
  };
}

export type Estate = ReturnType<typeof useEstate>;
