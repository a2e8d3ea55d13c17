import { TestDatabases } from '@backstage/backend-test-utils';
import {
  CLAIMS_OF_A_RUN,
  RunTokens,
  startForTest,
  type StartedStandIn,
} from '@greenroom/github-stand-in';
import {
  EndpointBalancer,
  TestCluster,
  TestKubelet,
} from '@greenroom/test-cluster';
import {
  AppsV1Api,
  CoreV1Api,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { ROOT, runWorkflows } from './__testUtils__/act';
import {
  buildProgram,
  checkOut,
  environmentsCheckout,
  git,
  modelRepository,
  writeModel,
} from './__testUtils__/repositories';
import { startControlPlane } from './__testUtils__/startControlPlane';

jest.setTimeout(600_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const ADMIN = 'a-token-of-somebody-who-may-see-everything';
const AUDIENCE = 'https://portal.example.com';
const NAMESPACE = 'models-live';
const IMAGE = 'example/data-plane:1';
const OWNER = 'group:default/vision';

async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const endMillis = performance.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMillis) throw new Error(`never: ${what}`);
    await sleep(100);
  }
}

/** The rights that the how-to asks for. */
function documentedRole(): object {
  const page = readFileSync(
    path.join(ROOT, 'docs/how-to/serve-on-kubernetes.md'),
    'utf8',
  );
  const [yaml] = /apiVersion: rbac[\s\S]*?(?=\n```)/.exec(page) ?? [];
  return parse(yaml ?? '');
}

/**
 * What the product is for, once from end to end: a model is trained and proposed by a workflow, its pull request is
 * reviewed and merged, a cluster runs it, callers are answered by it, and Monitoring shows that.
 */
describe('a version, from its commit to its first answer', () => {
  let directory: string;
  let gitHub: StartedStandIn;
  let cluster: TestCluster;
  let kubelet: TestKubelet;
  let balancer: EndpointBalancer;
  let controlPlane: Awaited<ReturnType<typeof startControlPlane>>;
  let program: string;
  const runTokens = new RunTokens();

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'card-'));
    program = path.join(directory, 'greenroom.cjs');
    buildProgram('cli', program);
    buildProgram('inference-server');
    await runTokens.start();
    gitHub = await startForTest({ directory });
    cluster = await TestCluster.start({ controllers: true });
    kubelet = await TestKubelet.start({
      config: cluster.kubeConfig(),
      images: {
        [IMAGE]: [
          process.execPath,
          path.join(ROOT, 'packages/inference-server/dist/main.cjs'),
        ],
      },
    });
    const admin = cluster.kubeConfig();
    await admin.makeApiClient(CoreV1Api).createNamespace({
      body: { metadata: { name: NAMESPACE } },
    });
    const rbac = admin.makeApiClient(RbacAuthorizationV1Api);
    await rbac.createNamespacedRole({
      namespace: NAMESPACE,
      body: documentedRole(),
    });
    await rbac.createNamespacedRoleBinding({
      namespace: NAMESPACE,
      body: {
        metadata: { name: 'greenroom' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: 'greenroom',
        },
        subjects: [{ kind: 'User', name: 'limited' }],
      },
    });
    balancer = await EndpointBalancer.start({
      config: admin,
      namespace: NAMESPACE,
      service: 'greenroom-dev',
    });
    const runsOf = (name: string, repository: string, scopes: object[]) => ({
      type: 'greenroom',
      options: {
        from: 'oidc',
        name,
        owner: OWNER,
        issuer: runTokens.url,
        audience: AUDIENCE,
        claims: { ref: 'refs/heads/main', repository },
        scopes,
      },
    });
    controlPlane = await startControlPlane({
      databases,
      directory,
      gitHub,
      dataPlane: path.join(
        ROOT,
        'packages/inference-server/bin/greenroom-data-plane.cjs',
      ),
      deployer: {
        kind: 'kubernetes',
        cluster: 'test',
        namespace: NAMESPACE,
        image: IMAGE,
        replicas: 2,
        resources: { cpu: '0.1', memory: '1Gi' },
      },
      settings: {
        kubernetes: {
          clusterLocatorMethods: [
            {
              type: 'config',
              clusters: [
                {
                  name: 'test',
                  url: cluster.server,
                  authProvider: 'serviceAccount',
                  serviceAccountToken: cluster.tokenOf('limited'),
                  caFile: cluster.certificateAuthorityFile,
                },
              ],
            },
          ],
        },
      },
      externalAccess: [
        runsOf('deployments', 'acme/environments', [
          { permission: 'ai-registry.model.read' },
          { permission: 'ai-inference.deployment.read' },
        ]),
        runsOf('digits', 'acme/digits', [
          { permission: 'ai-registry.model.read', on: '*/digits' },
          { permission: 'ai-registry.model.create' },
          { permission: 'ai-registry.model.update', on: '*/digits' },
          { permission: 'ai-registry.model.promote', on: 'dev/digits' },
        ]),
        {
          type: 'greenroom',
          options: {
            name: 'admin',
            owner: OWNER,
            token: ADMIN,
            scopes: [
              { permission: 'ai-registry.model.read' },
              { permission: 'ai-inference.deployment.read' },
              { permission: 'ai-inference.key.create' },
              { permission: 'ai-inference.model.invoke' },
              { permission: 'ai-monitoring.read' },
            ],
          },
        },
      ],
    });
  });
  afterAll(async () => {
    await controlPlane?.stop();
    await balancer?.stop();
    await kubelet?.stop();
    await cluster?.stop();
    await runTokens.stop();
    await gitHub?.github.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const api = async (route: string, body?: object) => {
    const answer = await fetch(`${controlPlane.url}/api/${route}`, {
      headers: {
        authorization: `Bearer ${ADMIN}`,
        'content-type': 'application/json',
      },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  const runIn = async (
    checkout: string,
    options: {
      repository: string;
      git: string;
      event?: 'push' | 'pull_request';
      payload?: object;
    },
  ) => {
    const { repository, event = 'push' } = options;
    runTokens.claimsOfRuns = { ...CLAIMS_OF_A_RUN, repository };
    const result = await runWorkflows({
      event,
      ...options,
      directory: checkout,
      variables: {
        GREENROOM_URL: controlPlane.url,
        GREENROOM_PROGRAM: program,
      },
      environment: {
        GREENROOM_AUDIENCE: AUDIENCE,
        ...(event === 'push' ? runTokens.environment : {}),
      },
      scratch: await mkdtemp(path.join(directory, 'run-')),
    });
    if (result.code !== 0) throw new Error(result.output);
    return result.output;
  };
  const openPull = (title: string) =>
    until(title, () =>
      [...gitHub.github.state.pulls.values()].find(
        // It is merged by somebody who has seen it whole.
        pull =>
          pull.title === title &&
          pull.state === 'open' &&
          pull.labels.length === 3,
      ),
    );
  const train = async (model: { checkout: string; bare: string }) =>
    runIn(model.checkout, {
      repository: 'acme/digits',
      git: `file://${model.bare}`,
    });

  it('is trained, reviewed, merged, run by the cluster, called and seen', async () => {
    const address = gitHub.github.cloneUrlOf('octocat');
    const checkout = await environmentsCheckout({ directory, address });
    const model = await modelRepository({ directory, audience: AUDIENCE });

    // What runs before: version 1, on pods that the cluster made for it.
    expect(await train(model)).toMatch(/made version 1/);
    const first = await openPull('promote(digits): v1 -> dev');
    await gitHub.github.people.merge({
      number: first.number,
      account: 'octocat',
    });
    const { secret } = await api('ai-inference/keys', {
      name: 'caller',
      models: ['digits'],
      owner: OWNER,
    });
    const ask = async (): Promise<string | undefined> => {
      const answer = await fetch(`${balancer.url}/v2/models/digits/infer`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
        body: JSON.stringify({
          inputs: [
            {
              name: 'pixels',
              datatype: 'FP32',
              shape: [1, 64],
              data: Array.from({ length: 64 }, (_, index) => index % 16),
            },
          ],
        }),
      });
      const text = await answer.text();
      return answer.ok ? JSON.parse(text).model_version : undefined;
    };
    await until('an answer by version 1', async () =>
      (await ask()) === '1' ? true : undefined,
    );
    const deployment = await cluster
      .kubeConfig()
      .makeApiClient(AppsV1Api)
      .readNamespacedDeployment({
        name: 'greenroom-dev',
        namespace: NAMESPACE,
      });
    expect(deployment.spec?.replicas).toBe(2);

    // A commit of whoever trains models, and its pull request.
    writeModel(model.checkout, 2);
    await git(model.checkout, 'add', '-A');
    await git(model.checkout, 'commit', '-qm', 'Train better');
    await git(model.checkout, 'push', '-q', model.bare, 'HEAD:main');
    expect(await train(model)).toMatch(/made version 2/);
    const second = await openPull('promote(digits): v2 -> dev');
    const { number } = second;
    await checkOut(checkout, { address, ref: `refs/pull/${number}/head` });
    const validated = await runIn(checkout, {
      repository: 'acme/environments',
      git: address,
      event: 'pull_request',
      payload: { pull_request: { number } },
    });
    expect(validated).toMatch(/held against the format/);
    gitHub.github.people.review({
      number,
      account: 'grace',
      verdict: 'approve',
    });
    const before = (await gitHub.github.git.branch('main'))!;
    const after = await gitHub.github.people.merge({
      number,
      account: 'octocat',
    });

    // The workflow of main waits until the version has its traffic.
    await checkOut(checkout, { address, ref: 'main' });
    const deployed = await runIn(checkout, {
      repository: 'acme/environments',
      git: address,
      payload: { ref: 'refs/heads/main', before, after },
    });
    expect(deployed).toMatch(/digits: version 2 has all traffic of dev/);
    expect(await ask()).toBe('2');

    const seen = await until('version 2 in Monitoring', async () => {
      const to = new Date(Date.now() + 60_000).toISOString();
      const from = new Date(Date.now() - 3_600_000).toISOString();
      const { items } = await api(
        `ai-monitoring/environments/dev/models/digits/traffic?from=${from}&to=${to}`,
      );
      return items.find(({ version }: { version: number }) => version === 2);
    });
    expect(seen.points.at(-1).requests).toBeGreaterThan(0);
    const { items: environments } = await api('ai-inference/environments');
    expect(environments).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          environment: 'dev',
          run: expect.objectContaining({
            state: 'running',
            replicas: { wanted: 2, ready: 2 },
          }),
        }),
      ]),
    );
  });
});
