import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Deployment } from '@kubernetes/client-node';
import {
  placeOf,
  spreadOf,
  tolerationsOf,
  UNTOLD_SECONDS,
} from '../workload/podSpec';
import { container, DRAIN_SECONDS, LAME_DUCK_SECONDS } from './container';
import {
  needsOf,
  tokenSecretNameOf,
  type WantedDataPlane,
  workloadOf,
} from './WantedDataPlane';

/** For what has not been handed over yet, and the end of the process. */
const SPARE_SECONDS = 15;
const USER_ID = 65_532;

export function deployment(
  wanted: WantedDataPlane,
): V1Deployment & NamedObject {
  const { replicas } = wanted.settings;
  const workload = workloadOf(wanted);
  const { metadata, podSelector } = workload;
  const needs = needsOf(wanted);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      // Left to the autoscaler where there is one: what is applied here would undo what it does.
      ...(replicas.max === replicas.min && { replicas: replicas.min }),
      selector: podSelector,
      // The new one is ready before an old one goes.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
      },
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          serviceAccountName: metadata.name,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds:
            UNTOLD_SECONDS + LAME_DUCK_SECONDS + DRAIN_SECONDS + SPARE_SECONDS,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            runAsGroup: USER_ID,
            fsGroup: USER_ID,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...placeOf(needs),
          topologySpreadConstraints: spreadOf(workload),
          tolerations: tolerationsOf(needs),
          containers: [container(wanted)],
          volumes: [
            {
              name: 'token',
              secret: { secretName: tokenSecretNameOf(wanted.environment) },
            },
            { name: 'data', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}
