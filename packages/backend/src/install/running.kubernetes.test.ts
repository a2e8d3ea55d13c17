import { CoreV1Api } from '@kubernetes/client-node';
import {
  EndpointBalancer,
  type TestImage,
  TestCluster,
  TestKubelet,
} from '@greenroom/test-cluster';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { programOf, ROOT } from '../workflows/__testUtils__/act';
import { CHART, Helm, NEEDED } from './__testUtils__/helm';

jest.setTimeout(600_000);

const NAMESPACE = 'models';
const TOKEN = 'the-token-of-the-data-planes-of-production';
const OPERATOR = 'a-token-of-somebody-who-looks-after-it';
const DATABASE = `chart_${randomBytes(6).toString('hex')}`;

const server = () =>
  new URL(programOf('BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING'));

async function query<Row>(database: string, sql: string): Promise<Row[]> {
  const url = server();
  url.pathname = `/${database}`;
  const client = new Client(url.toString());
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows;
  } finally {
    await client.end();
  }
}

/** The images of `deploy/containers`, out of this checkout. */
const IMAGES: Record<string, TestImage> = {
  [`${NEEDED.controlPlane.image.repository}:0.1.0`]: {
    command: [
      process.execPath,
      '--require',
      require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
      path.join(ROOT, 'packages/backend/src/index.ts'),
    ],
    workingDirectory: path.join(ROOT, 'packages/backend'),
    variables: {
      NODE_ENV: 'production',
      HOME: '/tmp',
      GREENROOM_LISTEN_HOST: '0.0.0.0',
      GREENROOM_INFERENCE_SERVER:
        '/greenroom/packages/inference-server/dist/main.cjs',
    },
    folders: [{ path: '/greenroom', folder: ROOT }],
  },
  [`${NEEDED.dataPlane.image.repository}:0.1.0`]: {
    command: [
      process.execPath,
      path.join(ROOT, 'packages/inference-server/dist/main.cjs'),
    ],
    variables: { NODE_ENV: 'production' },
  },
};

describe('what the chart makes', () => {
  let cluster: TestCluster;
  let kubelet: TestKubelet;
  let helm: Helm;
  let core: CoreV1Api;
  let controlPlane: EndpointBalancer;
  let dataPlane: EndpointBalancer;

  beforeAll(async () => {
    execFileSync(process.execPath, [
      path.join(ROOT, 'packages/inference-server/build.mjs'),
    ]);
    await query('postgres', `create database ${DATABASE}`);
    cluster = await TestCluster.start({ controllers: true });
    const config = cluster.kubeConfig();
    kubelet = await TestKubelet.start({
      config,
      images: IMAGES,
      // No network hears late of what ends here.
      longestPreStopSeconds: 0,
    });
    helm = new Helm(config.exportConfig());
    core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
    const serviceOf = (name: string) =>
      EndpointBalancer.start({
        config,
        namespace: NAMESPACE,
        service: `test-greenroom-${name}`,
      });
    controlPlane = await serviceOf('control-plane');
    dataPlane = await serviceOf('data-plane-production');
    await prepare();
  });
  afterAll(async () => {
    await controlPlane?.stop();
    await dataPlane?.stop();
    await kubelet?.stop();
    await cluster?.stop();
    if (helm) rmSync(helm.folder, { recursive: true, force: true });
    await query('postgres', `drop database ${DATABASE} with (force)`);
  });

  /** What there is before an install: Secrets, and a disk. */
  async function prepare() {
    const { username, password } = server();
    const secrets: Record<string, Record<string, string>> = {
      'greenroom-database': { username, password },
      'greenroom-control-plane': {
        AUTH_GITHUB_CLIENT_ID: 'id',
        AUTH_GITHUB_CLIENT_SECRET: 'secret',
        GITHUB_TOKEN: 'token',
        OPERATOR,
      },
      'greenroom-token-production': { token: TOKEN },
    };
    for (const [name, stringData] of Object.entries(secrets)) {
      await core.createNamespacedSecret({
        namespace: NAMESPACE,
        body: { metadata: { name }, stringData },
      });
    }
    await core.createPersistentVolume({
      body: {
        metadata: { name: 'disk' },
        spec: {
          capacity: { storage: '50Gi' },
          accessModes: ['ReadWriteOnce'],
          hostPath: { path: '/disk' },
        },
      },
    });
  }

  const values = () => ({
    ...NEEDED,
    database: {
      ...NEEDED.database,
      host: server().hostname,
      port: Number(server().port),
      name: DATABASE,
      tls: { enabled: false },
    },
    controlPlane: {
      ...NEEDED.controlPlane,
      resources: { requests: { cpu: '1m' } },
    },
    dataPlane: {
      ...NEEDED.dataPlane,
      replicas: 1,
      // Names of the cluster are not known here.
      controlPlane: { url: controlPlane.url },
      lameDuckSeconds: 0,
    },
    externalAccess: [
      {
        type: 'greenroom',
        options: {
          name: 'operator',
          owner: 'group:default/ml-platform',
          token: '${OPERATOR}',
          scopes: [{ permission: 'ai-inference.deployment.read' }],
        },
      },
    ],
    // What waits for events is waited for at a stop.
    config: { catalog: { locations: [] }, events: { notifyTimeoutMs: 500 } },
  });

  const run = async (...args: string[]) => {
    const child = spawn(programOf('GREENROOM_TEST_HELM'), args, {
      env: helm.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    const [status] = await once(child, 'close');
    return { status, output };
  };

  /** The network of a cluster hears of pods a moment later. */
  const untilAnswered = async (url: string): Promise<string> => {
    const endMillis = performance.now() + 20_000;
    for (;;) {
      const answer = await fetch(url, {
        headers: { authorization: `Bearer ${OPERATOR}` },
      });
      const text = await answer.text();
      if (answer.ok) return text;
      if (performance.now() > endMillis) throw new Error(text);
      await sleep(100);
    }
  };

  const podsSay = async () => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    return items.map(({ metadata, status }) => [
      metadata?.name,
      status?.phase,
      JSON.stringify(status?.containerStatuses?.[0]?.state).slice(0, 2_000),
      JSON.stringify(status?.containerStatuses?.[0]?.lastState)?.slice(-2_000),
    ]);
  };

  it('migrates, serves, and has its data planes follow it', async () => {
    const { status, output } = await run(
      'install',
      'test',
      CHART,
      `--namespace=${NAMESPACE}`,
      '--wait',
      '--timeout=200s',
      '--values',
      helm.write(values()),
    );
    if (status !== 0) {
      throw new Error(`${output}\n${JSON.stringify(await podsSay(), null, 2)}`);
    }
    const noted = await query<{ count: string }>(
      DATABASE,
      'select count(*) from greenroom.done_migrations',
    );
    expect(Number(noted[0].count)).toBeGreaterThan(100);

    await untilAnswered(`${dataPlane.url}/v2/health/ready`);
    const answer = await untilAnswered(
      `${controlPlane.url}/api/ai-inference/data-planes`,
    );
    expect(answer).toContain(
      `http://test-greenroom-data-plane-production.${NAMESPACE}.svc:7080`,
    );

    const gone = await run(
      'uninstall',
      'test',
      `--namespace=${NAMESPACE}`,
      '--wait',
    );
    expect(gone.status).toBe(0);
    for (let look = 0; (await podsSay()).length > 0 && look < 600; look++) {
      await sleep(100);
    }
    expect(await podsSay()).toEqual([]);
  });
});
