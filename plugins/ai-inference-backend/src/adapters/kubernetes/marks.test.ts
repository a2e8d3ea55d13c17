import type { KubernetesDeployerSettings } from '@greenroom/plugin-ai-registry-common';
import { APPLIED_ANNOTATION, runningObjects, standingObjects } from './objects';

const SETTINGS: KubernetesDeployerSettings = {
  kind: 'kubernetes',
  namespace: 'models',
  image: 'example/data-plane:1',
  replicas: { min: 2, max: 6 },
  resources: { cpu: '500m', memory: '1Gi' },
  scaleOn: { cpuPercent: 70, requestsInFlight: 4 },
  nodeSelector: { disk: 'ssd' },
  serviceAnnotations: { 'example.com/lb': 'internal' },
  secretName: 'providers',
  drift: 'repair',
};

/** Another mark has pods made anew: a new release of the portal must not do that to those that run. */
it('marks what is wanted as it always did', () => {
  const wanted = {
    environment: 'live',
    installation: 'test',
    settings: SETTINGS,
    controlPlaneUrl: 'https://portal.example',
    publicUrl: 'https://models.example',
  };
  const marks = Object.fromEntries(
    [...standingObjects(wanted), ...runningObjects(wanted)].map(
      ({ kind, metadata }) => [
        kind,
        Object(metadata).annotations[APPLIED_ANNOTATION],
      ],
    ),
  );
  expect(marks).toEqual({
    ServiceAccount: '63612deba4f63b15',
    NetworkPolicy: 'bbf6499734f034af',
    Service: '2be349870348f2c1',
    Deployment: '026aef4c9ce291ed',
    PodDisruptionBudget: '4e0fe80290a79a37',
    HorizontalPodAutoscaler: '05964eccf7332f35',
  });
});
