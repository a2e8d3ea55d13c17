import type {
  Flavor,
  KubernetesDeployerSettings,
} from '@greenroom/plugin-ai-registry-common';
import { deployment } from './deployment';

const FLAVOR: Flavor = {
  name: 'a100',
  title: 'A100',
  resources: { 'nvidia.com/gpu': '1', memory: '32Gi' },
  nodeSelector: { accelerator: 'a100' },
  tolerations: [
    { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
  ],
  runtimeClass: 'nvidia',
};

const SETTINGS: KubernetesDeployerSettings = {
  kind: 'kubernetes',
  namespace: 'models',
  image: 'example/data-plane:1',
  replicas: { min: 1, max: 1 },
  flavor: 'a100',
  resources: { cpu: '4' },
  nodeSelector: { zone: 'a' },
  scaleOn: { cpuPercent: 70 },
  drift: 'repair',
};

it('has pods of a flavor run where it is found, with what it takes', () => {
  const { template } = deployment({
    environment: 'live',
    installation: 'test',
    settings: SETTINGS,
    flavor: FLAVOR,
    controlPlaneUrl: 'https://portal.example',
    publicUrl: 'https://models.example',
  }).spec!;
  expect(template.spec).toMatchObject({
    nodeSelector: { accelerator: 'a100', zone: 'a' },
    runtimeClassName: 'nvidia',
    tolerations: [
      { key: 'node.kubernetes.io/not-ready' },
      { key: 'node.kubernetes.io/unreachable' },
      ...FLAVOR.tolerations!,
    ],
  });
  expect(template.spec!.containers[0].resources).toEqual({
    requests: { cpu: '4', memory: '32Gi', 'nvidia.com/gpu': '1' },
    limits: { memory: '32Gi', 'nvidia.com/gpu': '1' },
  });
});
