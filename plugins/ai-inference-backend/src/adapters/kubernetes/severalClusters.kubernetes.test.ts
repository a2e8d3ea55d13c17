import { mockServices } from '@backstage/backend-test-utils';
import type { KubernetesDeployerSettings } from '@greenroom/plugin-ai-registry-common';
import { freePorts, TestCluster } from '@greenroom/test-cluster';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { ClusterClient } from '@greenroom/cluster-client';
import { LentTokens } from './__testUtils__/startTestNamespace';
import { ClusterLeftovers, type ClusterPlace } from './ClusterLeftovers';
import { KubernetesDeployer } from './KubernetesDeployer';
import { standingObjects, tokenSecret, type WantedDataPlane } from './objects';

jest.setTimeout(120_000);

const NAMESPACE = 'models';
const INSTALLATION = 'test';

const SETTINGS: KubernetesDeployerSettings = {
  kind: 'kubernetes',
  namespace: NAMESPACE,
  image: 'example/data-plane:1',
  replicas: { min: 1, max: 1 },
  resources: { cpu: '0.1', memory: '1Gi' },
  scaleOn: {},
  drift: 'repair',
};

function wantedIn(
  environment: string,
  installation = INSTALLATION,
): WantedDataPlane {
  return {
    environment,
    installation,
    settings: SETTINGS,
    controlPlaneUrl: 'http://portal.example',
    publicUrl: 'http://models.example',
  };
}

/** A cluster at whose address nobody listens. */
async function goneCluster(): Promise<KubeConfig> {
  const [port] = await freePorts(1);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'gone', server: `https://127.0.0.1:${port}` }],
    users: [{ name: 'gone', token: 'gone' }],
    contexts: [{ name: 'gone', cluster: 'gone', user: 'gone' }],
    currentContext: 'gone',
  });
  return config;
}

/** An API server without controllers: nothing runs, and all that is asked is kept and checked. */
describe('several clusters', () => {
  let cluster: TestCluster;
  let gone: KubeConfig;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    gone = await goneCluster();
    client = new ClusterClient(cluster.kubeConfig());
    await cluster
      .kubeConfig()
      .makeApiClient(CoreV1Api)
      .createNamespace({ body: { metadata: { name: NAMESPACE } } });
  });
  afterAll(() => cluster?.stop());

  it('are each looked after, whichever of them is away', async () => {
    const deployer = new KubernetesDeployer({
      environments: new Map([
        ['there', { settings: { ...SETTINGS, cluster: 'there' } }],
        ['away', { settings: { ...SETTINGS, cluster: 'away' } }],
      ]),
      installation: INSTALLATION,
      cluster: name => (name === 'away' ? gone : cluster.kubeConfig()),
      controlPlaneUrl: async () => 'http://portal.example',
      tokens: new LentTokens(),
      logger: mockServices.logger.mock(),
      clock: () => new Date(),
    });
    const apps = cluster.kubeConfig().makeApiClient(AppsV1Api);
    const made = async () => {
      const { items } = await apps.listNamespacedDeployment({
        namespace: NAMESPACE,
      });
      return items.map(({ metadata }) => metadata?.name);
    };
    const reconcile = async () => {
      const wanted = true;
      await deployer.reconcile({ environment: 'there', wanted });
      const away = await deployer.reconcile({ environment: 'away', wanted });
      return { away, names: await made() };
    };
    const endMillis = performance.now() + 30_000;
    let now = await reconcile();
    while (
      (now.away.state !== 'failing' || now.names.length === 0) &&
      performance.now() < endMillis
    ) {
      await new Promise(done => setTimeout(done, 20));
      now = await reconcile();
    }
    expect(now).toMatchObject({
      away: {
        state: 'failing',
        reason: expect.stringMatching(/^the cluster cannot be reached: /),
      },
      names: ['greenroom-there'],
    });
    await deployer.stop();
  });

  describe('leftovers', () => {
    let leftovers: ClusterLeftovers;
    let tokens: LentTokens;

    const apply = (object: KubernetesObject) =>
      client.apply(object as Parameters<ClusterClient['apply']>[0], {
        force: true,
      });

    beforeAll(async () => {
      tokens = new LentTokens();
      tokens.names.add('data-plane.former.1');
      for (const wanted of [
        wantedIn('former'),
        wantedIn('there'),
        wantedIn('former-elsewhere', 'another'),
      ]) {
        for (const object of standingObjects(wanted)) await apply(object);
      }
      await apply(
        tokenSecret(wantedIn('former'), {
          name: 'data-plane.former.1',
          secret: 'grt_former',
        }),
      );
      const place: Omit<ClusterPlace, 'client'> = {
        cluster: 'there',
        namespace: NAMESPACE,
        environments: ['there'],
        modelServers: new Map(),
      };
      leftovers = new ClusterLeftovers({
        places: [
          { ...place, client },
          { ...place, cluster: 'away', client: new ClusterClient(gone) },
        ],
        installation: INSTALLATION,
        tokens,
      });
    });

    const kinds = async () =>
      (await leftovers.list()).items.map(({ kind }) => kind);

    it('are what no environment wants, and a cluster that is away hides nothing of another', async () => {
      const { items, unseen } = await leftovers.list();
      expect(new Set(items.map(({ environment }) => environment))).toEqual(
        new Set(['former']),
      );
      expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
        'Service greenroom-former',
        'NetworkPolicy greenroom-former',
        'Secret greenroom-former-token',
        'ServiceAccount greenroom-former',
      ]);
      expect(unseen).toEqual([
        {
          cluster: 'away',
          namespace: NAMESPACE,
          reason: expect.stringMatching(/^the cluster cannot be reached: /),
        },
      ]);
    });

    it('are not what another name of the same cluster wants, whichever of them answers', async () => {
      const modelServers = new Map<string, string[]>();
      const place = { namespace: NAMESPACE, client, modelServers };
      const there = { ...place, cluster: 'there', environments: ['there'] };
      const second = { ...place, cluster: 'second', environments: ['former'] };
      const away = { ...second, client: new ClusterClient(gone) };
      const leftOf = async (...places: ClusterPlace[]) => {
        const { items } = await new ClusterLeftovers({
          places,
          installation: INSTALLATION,
          tokens,
        }).list();
        return items.length;
      };
      expect(await leftOf(there)).toBe(4);
      expect(await leftOf(there, second)).toBe(0);
      expect(await leftOf(there, away)).toBe(0);
    });

    it('are removed only when that is meant, each by what it is', async () => {
      const { items } = await leftovers.list();
      const ids = items.map(({ id }) => id);
      const request = { environment: 'former', ids };
      const tried = await leftovers.remove({ ...request, dryRun: true });
      expect(tried).toEqual({ dryRun: true, removed: items, failed: [] });
      expect(await kinds()).toHaveLength(4);
      expect(tokens.names.size).toBe(1);

      await expect(
        leftovers.remove({ environment: 'there', ids, dryRun: false }),
      ).rejects.toThrow(/is no leftover of there: list them anew$/);
      expect(await kinds()).toHaveLength(4);

      const removed = await leftovers.remove({ ...request, dryRun: false });
      expect(removed).toEqual({ dryRun: false, removed: items, failed: [] });
      expect(await kinds()).toEqual([]);
      expect(tokens.names.size).toBe(0);
      const core = cluster.kubeConfig().makeApiClient(CoreV1Api);
      const { items: left } = await core.listNamespacedService({
        namespace: NAMESPACE,
      });
      expect(left.map(({ metadata }) => metadata?.name).sort()).toEqual([
        'greenroom-former-elsewhere',
        'greenroom-there',
      ]);
    });

    it('are not removed where they were made anew meanwhile, and the others are', async () => {
      for (const object of standingObjects(wantedIn('former'))) {
        await apply(object);
      }
      const { items } = await leftovers.list();
      const [service] = items;
      const core = cluster.kubeConfig().makeApiClient(CoreV1Api);
      const racing = new ClusterLeftovers({
        places: [
          {
            cluster: 'there',
            namespace: NAMESPACE,
            environments: ['there'],
            modelServers: new Map(),
            client: {
              list: client.list.bind(client),
              remove: async (object, options) => {
                // Somebody is faster.
                if (object.kind === 'Service') {
                  await core.deleteNamespacedService(object.metadata);
                  await apply(standingObjects(wantedIn('former'))[2]);
                }
                await client.remove(object, options);
              },
            },
          },
        ],
        installation: INSTALLATION,
        tokens,
      });
      const removal = await racing.remove({
        environment: 'former',
        ids: items.map(({ id }) => id),
        dryRun: false,
      });
      expect(removal.failed).toEqual([
        { ...service, reason: expect.stringMatching(/does not match the UID/) },
      ]);
      expect(removal.removed).toHaveLength(2);
      expect(await kinds()).toEqual(['Service']);
    });
  });
});
