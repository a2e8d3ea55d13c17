import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  IssuedTokens,
  issuedTokensServiceRef,
  type ServiceToken,
} from '@greenroom/ai-node';
import {
  AiInferenceClient,
  type DataPlaneRun,
} from '@greenroom/plugin-ai-inference-common';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import aiInferencePlugin from '../index';
import { desiredDeployment, modelVersion } from '../__testUtils__/fixtures';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const SERVER = join(__dirname, '../../../../packages/inference-server');
const FILE = readFileSync(join(SERVER, 'fixtures/linear-1.onnx'));
const DIGEST: Digest = `sha256:${createHash('sha256')
  .update(FILE)
  .digest('hex')}`;
const ROWS = {
  inputs: [
    { name: 'x', datatype: 'FP32' as const, shape: [1, 3], data: [1, 2, 3] },
  ],
};

/** Tokens as the test backend takes them: of the same name, with the scopes that were lent. */
class TestTokens extends IssuedTokens {
  readonly lent = new Map<string, ServiceToken>();

  constructor() {
    super({
      connect: async () => {
        throw new Error('no database in this test');
      },
      logger: mockServices.logger.mock(),
    });
  }

  async lend(options: Parameters<IssuedTokens['lend']>[0]) {
    const { name, scopes } = options;
    const owner = 'service:test';
    const hash = Buffer.alloc(32);
    this.lent.set(name, { name, owner, hash, scopes, plugins: [] });
    const secret = mockCredentials.service.token({
      onBehalfOf: mockCredentials.service(`greenroom:${name}`),
      targetPluginId: 'ai-inference',
    });
    return { secret };
  }

  async renew(names: string[]) {
    return names;
  }

  async takeBack(name: string) {
    this.lent.delete(name);
  }

  async findByName(name: string) {
    return this.lent.get(name);
  }
}

/** Another plugin, which has prompts to ask. */
const REGISTRY = {
  token: mockCredentials.service.token({
    onBehalfOf: mockCredentials.service('plugin:ai-registry'),
    targetPluginId: 'ai-inference',
  }),
};

/** The control plane as data planes see it: this plugin, with what they need of others. */
async function startFront(backendPort: () => number) {
  const server = createServer((req, res) => {
    const url = req.url ?? '';
    if (url === `/api/ai-registry/artifacts/${DIGEST}`) {
      res.end(FILE);
      return;
    }
    if (url === '/api/ai-monitoring/records') {
      req.resume();
      req.on('end', () => res.end('{}'));
      return;
    }
    const onward = send(
      {
        host: '127.0.0.1',
        port: backendPort(),
        path: url,
        method: req.method,
        headers: req.headers,
      },
      answer => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      },
    );
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

async function until<T>(
  ask: () => Promise<T>,
  satisfies: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await ask();
    if (satisfies(value)) return value;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'local-data-plane-'));
  const registry = await FakeRegistry.start();
  registry.versions = [
    modelVersion(1, {
      digest: DIGEST,
      sizeBytes: FILE.length,
      signature: {
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      },
    }),
  ];
  const knex = await databases.init('POSTGRES_18');
  const tokens = new TestTokens();
  let port = 0;
  const front = await startFront(() => port);
  const testBackend = await startTestBackend({
    features: [
      aiInferencePlugin,
      mockServices.database.factory({ knex }),
      catalogServiceMock.factory({ entities: [] }),
      mockServices.rootConfig.factory({
        data: {
          backend: {
            auth: {
              externalAccess: [
                { type: 'greenroom', options: { from: 'portal' } },
              ],
            },
          },
          greenroom: {
            environments: [
              { name: 'dev', deployer: 'local' },
              { name: 'production' },
            ],
          },
          aiInference: {
            localDataPlanes: {
              directory,
              program: join(SERVER, 'bin/greenroom-data-plane.cjs'),
            },
          },
        },
      }),
      mockServices.discovery.mock({
        getBaseUrl: async pluginId =>
          pluginId === 'ai-registry'
            ? registry.url
            : `${front.url}/api/${pluginId}`,
      }).factory,
      createServiceFactory({
        service: issuedTokensServiceRef,
        deps: {},
        factory: () => tokens,
      }),
    ],
  });
  port = testBackend.server.port();
  const client = new AiInferenceClient({
    discoveryApi: { getBaseUrl: async () => `${front.url}/api/ai-inference` },
  });
  const ada = { token: mockCredentials.user.token('user:default/ada') };
  return {
    client,
    ada,
    knex,
    tokens,
    directory,
    deploy: () => {
      registry.desired = [
        desiredDeployment(1, {
          environment: 'dev',
          digest: DIGEST,
          rollout: { strategy: 'immediate', steps: [] },
        }),
      ];
    },
    async run(): Promise<DataPlaneRun> {
      const { items } = await client.listEnvironments(ada);
      return items[0].run;
    },
    async deployment() {
      const { items } = await client.listDeployments({}, ada);
      return items[0];
    },
    /** As if the last thing that needed it was an hour ago. */
    async letTimePass() {
      const hour = `interval '1 hour'`;
      await knex.raw(
        `update rollouts set started_at = started_at - ${hour};
         update deployments set updated_at = updated_at - ${hour};
         update environment_data_planes set demanded_at = demanded_at - ${hour};
         update data_planes set last_request_at = last_request_at - ${hour}`,
      );
    },
    async end() {
      await testBackend.stop();
      await front.stop();
      await registry.stop();
      await rm(directory, { recursive: true });
    },
  };
}

describe('the data plane that the control plane runs', () => {
  let backend: Awaited<ReturnType<typeof start>>;

  beforeAll(() => {
    execFileSync(process.execPath, [join(SERVER, 'build.mjs')]);
  });
  beforeEach(async () => {
    backend = await start();
  });
  afterEach(() => backend.end());

  it('starts for a deployment, sleeps, wakes for a try, and stops when it is told to', async () => {
    const { client, ada, run, deployment, tokens } = backend;
    expect((await client.listEnvironments(ada)).items).toMatchObject([
      { environment: 'dev', deployer: 'local', run: { state: 'asleep' } },
      {
        environment: 'production',
        deployer: 'none',
        run: { state: 'unmanaged' },
      },
    ]);
    expect(await readdir(backend.directory)).toEqual([]);

    backend.deploy();
    const served = await until(
      deployment,
      one => one?.convergence.state === 'serving',
    );
    expect(served).toMatchObject({
      variants: [{ version: 1, weightPercent: 100 }],
      dataPlanes: { ready: 1, total: 1, onDemand: true },
    });
    const running = await run();
    const { items: seen } = await client.listDataPlanes(ada);
    expect(running).toMatchObject({
      state: 'running',
      publicUrl: seen[0].publicUrl,
    });
    expect(await readdir(backend.directory)).toEqual(['dev']);
    expect([...tokens.lent.values()]).toHaveLength(1);

    await backend.letTimePass();
    const asleep = await until(
      deployment,
      one => one.convergence.state === 'asleep' && tokens.lent.size === 0,
    );
    expect(asleep).toMatchObject({
      variants: [{ version: 1, weightPercent: 0 }],
      convergence: {
        reason: expect.stringMatching(
          /^The data plane of dev (sleeps|is being stopped)/,
        ),
      },
    });
    await until(run, one => one.state === 'asleep');
    expect((await deployment()).convergence).toMatchObject({
      reason:
        'The data plane of dev sleeps: nobody has needed it for a while; it starts when somebody tries a model there, promotes a version to it, or chooses Start',
    });

    const answer = await client.infer(
      { environment: 'dev', model: 'digits' },
      ROWS,
      ada,
    );
    expect(answer.outputs[0].data).toEqual([21.8]);
    expect((await run()).state).toBe('running');

    await client.setDataPlane('dev', { wanted: false }, ada);
    expect(await until(run, one => one.state === 'asleep')).toMatchObject({
      because: 'stopped',
    });
    await expect(client.wakeDataPlane('dev', ada)).rejects.toMatchObject({
      statusCode: 403,
    });
    expect((await client.wakeDataPlane('dev', REGISTRY)).run.state).toBe(
      'asleep',
    );
    await until(run, one => one.state === 'running');
    await client.setDataPlane('dev', { wanted: true }, ada);
    const { items: audit } = await client.listAudit({}, ada);
    expect(
      audit
        .filter(({ action }) => action.startsWith('data-plane'))
        .map(({ action, actor, environment }) => [action, actor, environment]),
    ).toEqual([
      ['data-plane-start-asked', 'user:default/ada', 'dev'],
      ['data-plane-stop-asked', 'user:default/ada', 'dev'],
    ]);
  });

  it('is not for environments whose data planes others start', async () => {
    const { client, ada } = backend;
    await expect(
      client.setDataPlane('production', { wanted: true }, ada),
    ).rejects.toMatchObject({
      statusCode: 409,
      body: {
        error: {
          message: expect.stringContaining(
            'The data planes of production are started by whoever runs the portal',
          ),
        },
      },
    });
    expect(await client.wakeDataPlane('production', REGISTRY)).toEqual({
      run: { state: 'unmanaged' },
    });
    await expect(
      client.infer({ environment: 'production', model: 'digits' }, ROWS, ada),
    ).rejects.toMatchObject({ statusCode: 503 });
  });
});
