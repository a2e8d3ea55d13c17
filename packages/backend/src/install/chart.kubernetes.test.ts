import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  type V1Job,
} from '@kubernetes/client-node';
import { TestCluster } from '@greenroom/test-cluster';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from '../workflows/__testUtils__/act';
import { CHART, Helm, NEEDED, type Rendered } from './__testUtils__/helm';
import { EVERYTHING, ON_A_BUCKET } from './__testUtils__/valueSets';

jest.setTimeout(180_000);

const NAMESPACE = 'models';
/** Of an installation that is not ours to make: its definitions are not among the cluster's own. */
const NOT_THE_CLUSTERS = 'HTTPRoute';
/** These are in no namespace. */
const OF_THE_CLUSTER = ['APIService', 'ClusterRoleBinding'];
const MERGE = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const endMillis = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMillis) throw new Error(`never: ${what}`);
    await sleep(50);
  }
}

describe('the chart on a real API server', () => {
  let cluster: TestCluster;
  let helm: Helm;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  beforeAll(async () => {
    cluster = await TestCluster.start({ controllers: true });
    helm = new Helm(cluster.kubeConfig().exportConfig());
    core = cluster.kubeConfig().makeApiClient(CoreV1Api);
    apps = cluster.kubeConfig().makeApiClient(AppsV1Api);
    for (const name of [NAMESPACE, 'models-a', 'models-b']) {
      await core.createNamespace({
        body: {
          metadata: {
            name,
            // Pods that may do more than they need are refused.
            labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
          },
        },
      });
    }
    await eventually('the account of pods', async () => {
      const { items } = await core.listNamespacedServiceAccount({
        namespace: NAMESPACE,
      });
      return items.length > 0 ? items : undefined;
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    if (helm) rmSync(helm.folder, { recursive: true, force: true });
  });

  /** Has the API server say what it would make of objects, and make nothing. */
  const tryOut = (objects: object[]) =>
    spawnSync(
      programOf('GREENROOM_TEST_KUBERNETES'),
      [
        'kubectl',
        'apply',
        '--server-side',
        '--dry-run=server',
        '--validate=strict',
        '--filename=-',
      ],
      {
        encoding: 'utf8',
        env: helm.environment,
        input: objects.map(object => JSON.stringify(object)).join('\n---\n'),
      },
    );
  const inNamespace = (object: Rendered): Rendered =>
    OF_THE_CLUSTER.includes(object.kind)
      ? object
      : {
          ...object,
          metadata: { namespace: NAMESPACE, ...object.metadata },
        };

  const podFor = (object: Rendered) => {
    const { template } = (object as unknown as V1Deployment | V1Job).spec!;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: object.metadata.name,
        namespace: NAMESPACE,
        labels: template.metadata?.labels,
      },
      spec: { ...template.spec, serviceAccountName: 'default' },
    };
  };

  it.each([
    ['what is needed', NEEDED],
    ['everything', EVERYTHING],
    ['a bucket and GitHub', ON_A_BUCKET],
  ])('makes nothing that it refuses, with %s', (_name, values) => {
    const objects = helm
      .template(values)
      .filter(({ kind }) => kind !== NOT_THE_CLUSTERS);
    const running = objects.filter(({ kind }) =>
      ['Deployment', 'Job'].includes(kind),
    );
    const { status, stdout, stderr } = tryOut([
      ...objects.map(inNamespace),
      ...running.map(podFor),
    ]);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(
      objects.length + running.length,
    );
    expect(status).toBe(0);
  });

  it('would be told of a field that there is not, and of a pod that may do too much', () => {
    const objects = helm.template(NEEDED);
    const [config] = objects.map(inNamespace);
    const { stderr } = tryOut([{ ...config, dat: {} }]);
    expect(stderr).toContain('dat');
    const deployment = objects.find(({ kind }) => kind === 'Deployment')!;
    const pod = podFor(deployment);
    const { stderr: refused } = tryOut([
      { ...pod, spec: { ...pod.spec, securityContext: {} } },
    ]);
    expect(refused).toContain('violates PodSecurity "restricted');
  });

  const deployments = async () => {
    const { items } = await apps.listNamespacedDeployment({
      namespace: NAMESPACE,
    });
    return items;
  };
  const migrating = () =>
    eventually('a pod that migrates', async () => {
      const { items } = await core.listNamespacedPod({
        namespace: NAMESPACE,
        labelSelector: 'app.kubernetes.io/component=migrations',
      });
      return items.find(({ status }) => status?.phase === 'Pending');
    });
  /** As a node tells it that has run a pod. */
  const end = async (phase: 'Succeeded' | 'Failed') => {
    const { metadata } = await migrating();
    await core.patchNamespacedPodStatus(
      {
        name: metadata?.name ?? '',
        namespace: NAMESPACE,
        body: { status: { phase } },
      },
      MERGE,
    );
  };
  const runHelm = (...args: string[]) => {
    const child = spawn(programOf('GREENROOM_TEST_HELM'), args, {
      env: helm.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    return once(child, 'close').then(([status]) => ({ status, output }));
  };
  const upgrade = (values: object, ...args: string[]) =>
    runHelm(
      'upgrade',
      '--install',
      'test',
      CHART,
      `--namespace=${NAMESPACE}`,
      '--values',
      helm.write(values),
      ...args,
    );

  it('is installed, upgraded and taken away, and migrates before anything of a version runs', async () => {
    const installing = upgrade(NEEDED);
    await migrating();
    expect(await deployments()).toEqual([]);
    await end('Succeeded');
    const installed = await installing;
    expect(installed.output).toContain('Open https://portal.example.com');
    expect(installed.status).toBe(0);
    const versions = async () =>
      Object.fromEntries(
        (await deployments()).map(({ metadata, spec }) => [
          metadata?.name,
          spec?.template.spec?.containers[0].image?.replace(/.*:/, ''),
        ]),
      );
    const ofVersion = (version: string) => ({
      'test-greenroom-control-plane': version,
      'test-greenroom-data-plane-production': '0.1.0',
    });
    expect(await versions()).toEqual(ofVersion('0.1.0'));

    const newer = {
      ...NEEDED,
      controlPlane: {
        ...NEEDED.controlPlane,
        image: { ...NEEDED.controlPlane.image, tag: '0.2.0' },
      },
      migrations: { backoffLimit: 0 },
    };
    const failing = upgrade(newer);
    await end('Failed');
    const failed = await failing;
    expect(failed.status).not.toBe(0);
    expect(failed.output).toMatch(/pre-upgrade.*failed/);
    expect(await versions()).toEqual(ofVersion('0.1.0'));

    const upgrading = upgrade(newer);
    await end('Succeeded');
    expect(await upgrading).toMatchObject({ status: 0 });
    expect(await versions()).toEqual(ofVersion('0.2.0'));

    const { status } = await runHelm(
      'uninstall',
      'test',
      `--namespace=${NAMESPACE}`,
      '--wait',
    );
    expect(status).toBe(0);
    expect(await deployments()).toEqual([]);
    const batch = cluster.kubeConfig().makeApiClient(BatchV1Api);
    const jobs = await batch.listNamespacedJob({ namespace: NAMESPACE });
    expect(jobs.items).toEqual([]);
    const claims = await core.listNamespacedPersistentVolumeClaim({
      namespace: NAMESPACE,
    });
    // What people have put there outlives what looked after it.
    expect(claims.items.map(({ metadata }) => metadata?.name)).toEqual([
      'test-greenroom-control-plane-data',
    ]);
  });
});
