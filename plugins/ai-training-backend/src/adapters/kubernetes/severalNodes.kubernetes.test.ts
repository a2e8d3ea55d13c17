import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import {
  ApiextensionsV1Api,
  CustomObjectsApi,
  NetworkingV1Api,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  FOR_EVER,
  isEnded,
  isRunning,
  NAMESPACE,
  TrainingCluster,
  untilState,
  wholeLog,
} from './__testUtils__/TrainingCluster';
import { attemptName } from './objects/labels';

jest.setTimeout(120_000);

const CLAIM = 'checkpoints';
const flavor = (name: string, more: Partial<Flavor> = {}): Flavor => ({
  name,
  title: name,
  resources: { 'nvidia.com/gpu': '1' },
  ...more,
});

describe('What a cluster has for training', () => {
  let training: TrainingCluster;

  beforeAll(async () => {
    training = await TrainingCluster.start({
      capacity: { 'nvidia.com/gpu': '5' },
      labels: { gpu: 'a100' },
    });
    await training.makeClaim(CLAIM);
  });
  afterAll(async () => {
    await training?.stop();
  });

  const untilGone = async (read: () => Promise<unknown>) => {
    for (let tries = 0; tries < 100; tries++) {
      const error = await read().catch(thrown => thrown);
      if (Object(error).code === 404) return;
      await sleep(100);
    }
    throw new Error('it is still there');
  };

  it('runs programs on several nodes, which are told who they are and where the first one is', async () => {
    const backend = training.backend({
      networkPolicy: { allow: [{ cidr: '10.0.0.0/8', port: 443 }] },
    });
    const { wanted, token } = training.attempt(
      `const { env } = process;
       console.log(env.RANK, env.WORLD_SIZE, env.MASTER_ADDR, env.MASTER_PORT, env.PET_NODE_RANK);`,
      { resources: { count: 1, nodes: 3 } },
    );
    await backend.start(wanted, token);
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: { kind: 'succeeded' },
    });
    const name = attemptName(wanted);
    expect(await wholeLog(backend, wanted)).toBe(
      `0 3 ${name}-0.${name} 29500 0\n`,
    );
    const { items } = await training.core.listNamespacedPod({
      namespace: NAMESPACE,
    });
    const logs = await Promise.all(
      items.map(pod =>
        training.core.readNamespacedPodLog({
          name: pod.metadata?.name ?? '',
          namespace: NAMESPACE,
          container: 'trainer',
        }),
      ),
    );
    expect(logs.map(log => log.split(' ')[0]).sort()).toEqual(['0', '1', '2']);
    expect(items.map(({ spec }) => spec?.hostname).sort()).toEqual(
      [0, 1, 2].map(index => `${name}-${index}`),
    );
    const service = await training.core.readNamespacedService({
      name,
      namespace: NAMESPACE,
    });
    expect(service.spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
    const policies = training.cluster
      .kubeConfig()
      .makeApiClient(NetworkingV1Api);
    const policy = await policies.readNamespacedNetworkPolicy({
      name,
      namespace: NAMESPACE,
    });
    const own = {
      podSelector: {
        matchLabels: {
          'greenroom.dev/training-job': wanted.job,
          'greenroom.dev/training-attempt': '1',
        },
      },
    };
    expect(policy.spec?.ingress?.[0]._from).toEqual([own]);
    expect(policy.spec?.egress?.[2].to).toEqual([
      { ipBlock: { cidr: '10.0.0.0/8' } },
    ]);
    await backend.release(wanted);
    await untilGone(() =>
      training.core.readNamespacedService({ name, namespace: NAMESPACE }),
    );
    await untilGone(() =>
      policies.readNamespacedNetworkPolicy({ name, namespace: NAMESPACE }),
    );
  });

  it('ends all programs when one fails, and says which', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(
      `if (process.env.RANK === '1') {
         setTimeout(() => { console.log('no such card'); process.exit(3); }, 500);
       } else {
         console.log('I wait');
         setInterval(() => {}, 1000);
       }`,
      { resources: { count: 1, nodes: 2 } },
    );
    await backend.start(wanted, token);
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: {
        kind: 'program-failed',
        exitCode: 3,
        lastLines: 'no such card',
      },
    });
    expect(await wholeLog(backend, wanted)).toBe(
      'I wait\n\n--- The last lines of program 1, which has failed:\nno such card\n',
    );
    await backend.release(wanted);
  });

  it('keeps checkpoints for later attempts and for jobs that begin with them, until they are forgotten', async () => {
    const backend = training.backend({ checkpointsClaim: CLAIM });
    const program = `import { readdirSync, writeFileSync } from 'node:fs';
      const folder = process.env.GREENROOM_CHECKPOINTS;
      console.log(readdirSync(folder).sort().join());
      writeFileSync(folder + '/step-' + process.env.STEP, '');`;
    const run = async (
      changes: Parameters<TrainingCluster['attempt']>[1],
      step: number,
    ) => {
      const { wanted, token } = training.attempt(program, {
        checkpoints: true,
        environment: { STEP: String(step) },
        ...changes,
      });
      await backend.start(wanted, token);
      const state = await untilState(backend, wanted, isEnded);
      const log = await wholeLog(backend, wanted);
      await backend.release(wanted);
      return { job: wanted.job, state, log: log.trim() };
    };
    const first = await run({}, 1);
    expect(first.log).toBe('');
    const second = await run({ job: first.job, number: 2 }, 2);
    expect(second.log).toBe('step-1');
    const other = await run({ resumeOf: first.job }, 3);
    expect(other.log).toBe('step-1,step-2');
    const again = await run({ job: first.job, number: 3 }, 4);
    expect(again.log).toBe('step-1,step-2');

    await backend.forget(first.job);
    await backend.forget(first.job);
    const without = await run({ resumeOf: first.job }, 5);
    expect(without.state).toMatchObject({
      end: {
        kind: 'not-started',
        message: `code and data could not be fetched: there are no checkpoints of job ${first.job} any more: start without them`,
      },
    });
    // Those of others are still there.
    const kept = await run({ job: other.job, number: 2 }, 6);
    expect(kept.log).toBe('step-1,step-2,step-3');
    // Nothing of it is an attempt.
    expect(await backend.observe()).toEqual([]);
  });

  it('counts what its nodes have of each flavor, where it may look at them', async () => {
    const flavors = [
      flavor('here', { nodeSelector: { gpu: 'a100' } }),
      flavor('pairs', { resources: { 'nvidia.com/gpu': '2', cpu: '1' } }),
      flavor('elsewhere', { nodeSelector: { gpu: 'h100' } }),
      flavor('said', { capacity: 7 }),
    ];
    const blind = training.backend({}, { flavors });
    expect(Object.fromEntries(await blind.capacity())).toEqual({
      here: undefined,
      pairs: undefined,
      elsewhere: undefined,
      said: 7,
    });
    const rbac = training.cluster
      .kubeConfig()
      .makeApiClient(RbacAuthorizationV1Api);
    await rbac.createClusterRole({
      body: {
        metadata: { name: 'nodes' },
        rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
      },
    });
    await rbac.createClusterRoleBinding({
      body: {
        metadata: { name: 'nodes' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'nodes',
        },
        subjects: [{ kind: 'User', name: 'limited' }],
      },
    });
    for (let tries = 0; tries < 100; tries++) {
      const seeing = training.backend({}, { flavors });
      const found = Object.fromEntries(await seeing.capacity());
      if (found.here === undefined) {
        await sleep(100);
        continue;
      }
      expect(found).toEqual({ here: 5, pairs: 2, elsewhere: 0, said: 7 });
      return;
    }
    throw new Error('it never sees the nodes');
  });

  it('tells what programs use, where the cluster measures it', async () => {
    const config = training.cluster.kubeConfig();
    // As the metrics server answers it.
    await config
      .makeApiClient(ApiextensionsV1Api)
      .createCustomResourceDefinition({
        body: {
          metadata: {
            name: 'pods.metrics.k8s.io',
            annotations: {
              'api-approved.kubernetes.io': 'unapproved, of a test',
            },
          },
          spec: {
            group: 'metrics.k8s.io',
            scope: 'Namespaced',
            names: { plural: 'pods', kind: 'PodMetrics' },
            versions: [
              {
                name: 'v1beta1',
                served: true,
                storage: true,
                schema: {
                  openAPIV3Schema: {
                    type: 'object',
                    x_kubernetes_preserve_unknown_fields: true,
                  },
                },
              },
            ],
          },
        },
      });
    const { wanted, token } = training.attempt(FOR_EVER);
    const first = training.backend();
    await first.start(wanted, token);
    await untilState(first, wanted, isRunning);
    const { items } = await training.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/training-job=${wanted.job}`,
    });
    await config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      plural: 'pods',
      namespace: NAMESPACE,
      body: {
        apiVersion: 'metrics.k8s.io/v1beta1',
        kind: 'PodMetrics',
        metadata: {
          name: items[0].metadata?.name,
          labels: items[0].metadata?.labels,
        },
        containers: [
          { name: 'trainer', usage: { cpu: '1500000000n', memory: '2048Ki' } },
        ],
      },
    });
    // As NVIDIA's exporter of a node writes it.
    const labels = `{gpu="0",UUID="GPU-1",Hostname="n",container="trainer",namespace="${NAMESPACE}",pod="${items[0].metadata?.name}"}`;
    const exporter = createServer((_, res) =>
      res.end(
        `DCGM_FI_DEV_GPU_UTIL${labels} 87\nDCGM_FI_DEV_FB_USED${labels} 4845\n`,
      ),
    );
    exporter.listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    const { port } = exporter.address() as AddressInfo;
    const backend = training.backend({
      gpuExporterUrl: `http://127.0.0.1:${port}/metrics`,
    });
    expect(
      await untilState(
        backend,
        wanted,
        state =>
          state.phase === 'running' &&
          state.usage?.cpuCores !== undefined &&
          state.usage.gpus !== undefined,
      ),
    ).toMatchObject({
      usage: {
        cpuCores: 1.5,
        memoryBytes: 2 * 1024 ** 2,
        gpus: [{ utilizationPercent: 87, memoryBytes: 4845 * 1024 ** 2 }],
      },
    });
    exporter.close();
    await backend.stop(wanted, { graceSeconds: 1 });
    await untilState(backend, wanted, isEnded);
    await backend.release(wanted);
  });
});
