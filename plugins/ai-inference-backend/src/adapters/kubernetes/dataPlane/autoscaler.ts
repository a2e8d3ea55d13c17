import type { NamedObject } from '@greenroom/cluster-client';
import type { V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { nameOf } from '../names';
import { scaleMetrics } from './scaleMetrics';
import { type WantedDataPlane, workloadOf } from './WantedDataPlane';

export function autoscaler(
  wanted: WantedDataPlane,
): V2HorizontalPodAutoscaler & NamedObject {
  const { min, max } = wanted.settings.replicas;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: workloadOf(wanted).metadata,
    spec: {
      scaleTargetRef: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: nameOf(wanted.environment),
      },
      minReplicas: min,
      maxReplicas: max,
      metrics: scaleMetrics(wanted),
    },
  };
}
