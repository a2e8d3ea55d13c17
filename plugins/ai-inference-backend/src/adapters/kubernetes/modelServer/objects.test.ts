import type { ModelServerSettings } from '@greenroom/plugin-ai-registry-common';
import type { V1Deployment } from '@kubernetes/client-node';
import { leftoverOf } from '../ClusterLeftovers';
import { ENVIRONMENT_LABEL, INSTALLATION_LABEL, KINDS } from '../objects';
import { runningObjects, standingObjects } from './objects';
import type { WantedModelServer } from './WantedModelServer';

const SETTINGS: ModelServerSettings = {
  name: 'llama',
  protocol: 'openai',
  image: 'example/vllm:1',
  args: ['--model', 'llama'],
  env: { OMP_NUM_THREADS: '4' },
  secretName: 'hugging-face',
  count: 2,
  resources: { cpu: '8' },
  replicas: 3,
  port: 8000,
  readinessPath: '/health',
  startupMinutes: 30,
  volumes: [{ claimName: 'weights', mountPath: '/weights', readOnly: true }],
  sharedMemory: '2Gi',
  surge: true,
};

const wanted = (
  changes: Partial<ModelServerSettings> = {},
): WantedModelServer => ({
  environment: 'live',
  installation: 'test',
  namespace: 'models',
  settings: { ...SETTINGS, ...changes },
  flavor: {
    name: 'a100',
    title: 'A100',
    resources: { 'nvidia.com/gpu': '1', memory: '32Gi' },
  },
});

const all = (of: WantedModelServer) => [
  ...standingObjects(of),
  ...runningObjects(of),
];
const deploymentOf = (of: WantedModelServer): V1Deployment =>
  runningObjects(of).find(({ kind }) => kind === 'Deployment')!;

describe('the objects of a model server', () => {
  it('are found again by their kinds and labels, and have a name of their own', () => {
    for (const { apiVersion, kind, metadata } of all(wanted())) {
      expect(KINDS).toContainEqual({ apiVersion, kind });
      expect(metadata).toMatchObject({
        name: 'greenroom-live-llama',
        namespace: 'models',
        labels: { [ENVIRONMENT_LABEL]: 'live', [INSTALLATION_LABEL]: 'test' },
      });
    }
  });

  it('make pods that nobody takes for data planes', () => {
    const { selector, template } = deploymentOf(wanted()).spec!;
    expect(template.metadata?.labels).not.toHaveProperty([ENVIRONMENT_LABEL]);
    expect(template.metadata?.labels).toMatchObject(selector.matchLabels!);
  });

  it('give a pod its machines, its folders and the time that it takes', () => {
    const { progressDeadlineSeconds, replicas, template } = deploymentOf(
      wanted(),
    ).spec!;
    const [container] = template.spec!.containers;
    expect(replicas).toBe(3);
    expect(container).toMatchObject({
      args: ['--model', 'llama'],
      env: [{ name: 'OMP_NUM_THREADS', value: '4' }],
      envFrom: [{ secretRef: { name: 'hugging-face' } }],
      resources: {
        requests: { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' },
        limits: { memory: '64Gi', 'nvidia.com/gpu': '2' },
      },
      readinessProbe: { httpGet: { path: '/health' } },
      volumeMounts: [
        { name: 'volume-0', mountPath: '/weights', readOnly: true },
        { name: 'shm', mountPath: '/dev/shm' },
      ],
    });
    expect(template.spec!.volumes).toEqual([
      {
        name: 'volume-0',
        persistentVolumeClaim: { claimName: 'weights', readOnly: true },
      },
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '2Gi' } },
    ]);
    const { periodSeconds = 0, failureThreshold = 0 } = container.startupProbe!;
    expect(periodSeconds * failureThreshold).toBe(30 * 60);
    expect(progressDeadlineSeconds).toBeGreaterThan(30 * 60);
  });

  it('change one after the other, with one pod more or one less', () => {
    const strategyOf = (surge: boolean) =>
      deploymentOf(wanted({ surge })).spec?.strategy?.rollingUpdate;
    expect(strategyOf(true)).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(strategyOf(false)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  it('are left over when the environment has no such server any more', () => {
    const place = { cluster: undefined, namespace: 'models' };
    const environments = ['live'];
    const left = (servers: string[]) =>
      all(wanted()).filter(object =>
        leftoverOf(
          object,
          { metadata: { ...object.metadata, uid: 'u' } },
          {
            ...place,
            environments,
            modelServers: new Map([['live', servers]]),
          },
        ),
      ).length;
    expect(left(['llama'])).toBe(0);
    expect(left(['triton'])).toBe(all(wanted()).length);
  });
});
