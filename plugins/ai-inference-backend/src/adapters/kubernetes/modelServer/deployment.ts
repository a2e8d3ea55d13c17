import type { NamedObject } from '@greenroom/cluster-client';
import {
  type ModelServerSettings,
  podNeedsOf,
} from '@greenroom/plugin-ai-registry-common';
import type {
  V1Deployment,
  V1PodSecurityContext,
  V1Volume,
} from '@kubernetes/client-node';
import {
  placeOf,
  spreadOf,
  tolerationsOf,
  UNTOLD_SECONDS,
} from '../workload/podSpec';
import { container, SHARED_MEMORY_VOLUME, volumeName } from './container';
import { type WantedModelServer, workloadOf } from './WantedModelServer';

/** For requests that are in it when it is told to end: a language model writes for long. */
const FINISH_SECONDS = 85;
/** Until the image is there. */
const PULL_SECONDS = 20 * 60;
const MINUTE_SECONDS = 60;

export function deployment(
  wanted: WantedModelServer,
): V1Deployment & NamedObject {
  const { flavor, settings } = wanted;
  const { count, replicas, startupMinutes, surge } = settings;
  const workload = workloadOf(wanted);
  const { metadata, podLabels, podSelector } = workload;
  const needs = podNeedsOf({ resources: settings.resources, flavor, count });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector: podSelector,
      // Without room for one more, an old one goes before there is a new one.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: surge
          ? { maxSurge: 1, maxUnavailable: 0 }
          : { maxSurge: 0, maxUnavailable: 1 },
      },
      progressDeadlineSeconds: startupMinutes * MINUTE_SECONDS + PULL_SECONDS,
      template: {
        metadata: { labels: podLabels },
        spec: {
          serviceAccountName: metadata.name,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: UNTOLD_SECONDS + FINISH_SECONDS,
          securityContext: securityOf(settings),
          ...placeOf(needs),
          topologySpreadConstraints: spreadOf(workload),
          tolerations: tolerationsOf(needs),
          containers: [container(settings, needs)],
          volumes: volumesOf(settings),
        },
      },
    },
  };
}

function securityOf({ user }: ModelServerSettings): V1PodSecurityContext {
  return {
    ...(user !== undefined && {
      runAsNonRoot: true,
      runAsUser: user,
      fsGroup: user,
    }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function volumesOf({ sharedMemory, volumes }: ModelServerSettings): V1Volume[] {
  return [
    ...volumes.map(({ claimName, readOnly }, index) => ({
      name: volumeName(index),
      persistentVolumeClaim: { claimName, readOnly },
    })),
    ...(sharedMemory === undefined
      ? []
      : [
          {
            name: SHARED_MEMORY_VOLUME,
            emptyDir: { medium: 'Memory', sizeLimit: sharedMemory },
          },
        ]),
  ];
}
