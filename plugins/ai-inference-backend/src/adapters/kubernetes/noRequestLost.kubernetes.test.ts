import { TestCluster, TestKubelet } from '@greenroom/test-cluster';
import type { V1Pod } from '@kubernetes/client-node';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDataPlane, DATA_PLANE } from './__testUtils__/dataPlaneProgram';
import {
  KEY,
  SERVED_ENVIRONMENT,
  SmallControlPlane,
} from './__testUtils__/SmallControlPlane';
import { startTestNamespace } from './__testUtils__/startTestNamespace';
import { SteadyLoad } from './__testUtils__/SteadyLoad';
import type { KubernetesDeployer } from './KubernetesDeployer';

jest.setTimeout(180_000);

const CALLERS = 8;
const FIRST = 'example/data-plane:1';
const SECOND = 'example/data-plane:2';
const QUESTION = JSON.stringify({
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
});

async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMillis = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > endMillis) throw new Error(`never: ${what}`);
    await new Promise(done => setTimeout(done, 50));
  }
}

/** Pods with real data planes, which change and are lost under load. */
describe('no request is lost', () => {
  let programs: string;
  let controlPlane: SmallControlPlane;
  let cluster: TestCluster;
  let nodes: TestKubelet[];
  let test: Awaited<ReturnType<typeof startTestNamespace>>;
  let deployer: KubernetesDeployer;
  let load: SteadyLoad | undefined;

  const pods = async (): Promise<V1Pod[]> =>
    (await test.core.listNamespacedPod({ namespace: test.namespace })).items;
  const isReady = ({ status }: V1Pod) =>
    (status?.conditions ?? []).some(
      ({ type, status: value }) => type === 'Ready' && value === 'True',
    );
  /** As a control plane does that is made anew with other settings. */
  const serve = async (image: string) => {
    await deployer?.stop();
    deployer = test.create(
      { image, replicas: { min: 2, max: 2 } },
      { controlPlaneUrl: controlPlane.url },
    );
    await until(`two pods of ${image}`, async () => {
      const state = await deployer.reconcile({
        environment: SERVED_ENVIRONMENT,
        wanted: true,
      });
      const ready = (await pods()).filter(
        pod => pod.spec?.containers[0].image === image && isReady(pod),
      );
      return state.state === 'running' && ready.length === 2;
    });
  };

  beforeAll(async () => {
    programs = buildDataPlane();
    controlPlane = await SmallControlPlane.start();
    await controlPlane.publish([
      {
        model: 'linear',
        file: join(DATA_PLANE, 'fixtures/linear-1.onnx'),
        signature: {
          inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
          outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
        },
      },
    ]);
    cluster = await TestCluster.start({ controllers: true });
    const command = [process.execPath, join(programs, 'main.cjs')];
    nodes = await Promise.all(
      ['one', 'two'].map((node, index) =>
        TestKubelet.start({
          config: cluster.kubeConfig(),
          node,
          network: index + 1,
          images: { [FIRST]: command, [SECOND]: command },
        }),
      ),
    );
    test = await startTestNamespace(cluster, 'served', SERVED_ENVIRONMENT);
    await serve(FIRST);
    await until('two pods in the network', () => test.balancer.size === 2);
  });
  afterAll(async () => {
    await load?.stop();
    await test?.stop();
    await Promise.all((nodes ?? []).map(node => node.stop()));
    await cluster?.stop();
    controlPlane?.stop();
    rmSync(programs, { recursive: true, force: true });
  });

  const underLoad = async () => {
    const started = new SteadyLoad({
      callers: CALLERS,
      ask: () =>
        fetch(`${test.balancer.url}/v2/models/linear/infer`, {
          method: 'POST',
          headers: { authorization: `Bearer ${KEY}` },
          body: QUESTION,
        }),
    });
    load = started;
    await until('the load is there', () => started.answered > 100);
    return started;
  };

  it('by a change of what runs: each new pod is ready before an old one goes', async () => {
    test.balancer.delayMillis = 3_000;
    const callers = await underLoad();
    await serve(SECOND);
    await until('only new pods', async () =>
      (await pods()).every(pod => pod.spec?.containers[0].image === SECOND),
    );
    const answered = callers.answered;
    await until('answers of new pods', () => callers.answered > answered + 100);
    await callers.stop();
    expect(callers.failures).toEqual([]);
  });

  it('but those in it, when a node is gone', async () => {
    const [kept, gone] = nodes;
    test.balancer.delayMillis = 200;
    test.balancer.asksNextPod = true;
    const spread = new Set((await pods()).map(pod => pod.spec?.nodeName));
    expect(spread).toEqual(new Set([kept.node, gone.node]));
    const callers = await underLoad();
    await gone.stop();
    const answered = callers.answered;
    await until('answers without it', () => callers.answered > answered + 200);
    // As the cluster does by itself, when it has not heard of the node for long.
    await test.core.deleteNode({ name: gone.node });
    for (const pod of await pods()) {
      if (pod.spec?.nodeName !== gone.node) continue;
      await test.core.deleteNamespacedPod({
        name: pod.metadata?.name ?? '',
        namespace: test.namespace,
        gracePeriodSeconds: 0,
      });
    }
    await until('two pods on the other one', async () => {
      const all = await pods();
      return (
        all.length === 2 &&
        all.every(pod => pod.spec?.nodeName === kept.node && isReady(pod))
      );
    });
    await callers.stop();
    // Each caller had one request in it at most, and none has met the gone node later.
    const once = new Set(callers.failures.map(({ caller }) => caller));
    expect(callers.failures).toHaveLength(once.size);
  });
});
