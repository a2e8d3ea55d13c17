import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestDatabases,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type {
  Comparison,
  Deployment,
  RecordBatch,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type {
  ReferenceFile,
  StoredReference,
} from '@greenroom/plugin-ai-registry-common';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import aiMonitoringPlugin from '../index';
import { BASELINE } from './fixtures';

/** What the registry says of versions, beside their baselines. */
const DETAIL = {
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [],
  },
  schema: {
    task: 'classification',
    features: [0, 1].map(index => ({ name: `f${index}`, tensor: 'x', index })),
    prediction: { tensor: 'y' },
  },
};

const DIGITS: Partial<Deployment> = {
  environment: 'production',
  model: 'digits',
  wanted: {
    version: 3,
    digest: 'sha256:3',
    commit: 'c',
    since: '2026-05-03T10:00:00Z',
  },
  variants: [],
  convergence: {
    state: 'waiting',
    reason: 'No data plane of production is online',
    since: '2026-05-03T10:00:00Z',
  },
  dataPlanes: { ready: 0, total: 0, degraded: [] },
};

/** The registry and the inference plugin, as far as monitoring asks them. */
async function startNeighbours() {
  const state = {
    rollouts: [] as Rollout[],
    registryDown: undefined as number | undefined,
    /** Of the model digits. */
    tags: {} as Record<string, string>,
    /** Of version 2 of the model diabetes. */
    reference: undefined as
      | { file: ReferenceFile; content: StoredReference }
      | undefined,
    asked: 0,
    comparisons: [] as Comparison[],
    comparisonsDown: false,
    /** What is said of the deployment of digits besides. */
    digits: {} as Partial<Deployment>,
  };
  const server = createServer((req, res) => {
    const reply = (status: number, body: unknown) => {
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(body));
    };
    const url = req.url ?? '';
    if (url.includes('/ai-registry/')) {
      state.asked += 1;
      if (state.registryDown) {
        reply(state.registryDown, { error: { name: 'Error' } });
      } else if (url.endsWith('/models/diabetes/versions/1')) {
        const evaluation = {
          dataset: { name: 'held-out', digest: 'sha256:0', rows: 50 },
          metrics: { accuracy: 0.9 },
          primary: { name: 'accuracy', higherIsBetter: true },
        };
        reply(200, { ...DETAIL, baseline: BASELINE, evaluation });
      } else if (url.endsWith('/models/digits')) {
        reply(200, { name: 'digits', tags: state.tags });
      } else if (url.endsWith('/models/diabetes/versions/2')) {
        reply(200, { ...DETAIL, reference: state.reference?.file });
      } else if (url.includes('/artifacts/')) {
        reply(200, state.reference?.content);
      } else reply(404, { error: { name: 'NotFoundError' } });
    } else if (url.includes('/comparisons/')) {
      const found = state.comparisons.find(({ id }) => url.endsWith(`/${id}`));
      if (state.comparisonsDown) reply(503, { error: { name: 'Error' } });
      else if (found) reply(200, found);
      else reply(404, { error: { name: 'NotFoundError' } });
    } else if (url.includes('/rollouts')) {
      reply(200, { items: state.rollouts });
    } else {
      const asked = new URL(url, 'http://neighbour').searchParams.get('model');
      const items =
        asked === 'diabetes' ? [] : [{ ...DIGITS, ...state.digits }];
      reply(200, { items });
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    state,
    baseUrl: (pluginId: string) => `http://127.0.0.1:${port}/api/${pluginId}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** The token of production's data planes; its principal is `greenroom:data-plane`. */
const dataPlaneTokenConfig = {
  backend: {
    auth: {
      externalAccess: [
        {
          type: 'greenroom',
          options: {
            name: 'data-plane',
            owner: 'group:default/ml-platform',
            token: 'the-token-of-the-data-planes-of-production',
            scopes: [
              { permission: 'ai-monitoring.record.write', on: 'production/*' },
            ],
          },
        },
      ],
    },
  },
};

/** The plugin with its neighbours, on a database of its own. */
export async function startPlugin(
  databases: TestDatabases,
  options: { permitted?: boolean; digits?: Partial<Deployment> } = {},
) {
  const neighbours = await startNeighbours();
  neighbours.state.digits = options.digits ?? {};
  const knex = await databases.init('POSTGRES_18');
  const publish = jest.fn().mockResolvedValue(undefined);
  const testBackend = await startTestBackend({
    features: [
      aiMonitoringPlugin,
      mockServices.database.factory({ knex }),
      mockServices.rootConfig.factory({ data: dataPlaneTokenConfig }),
      mockServices.permissions.factory({
        result:
          options.permitted === false
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      }),
      mockServices.discovery.mock({
        getBaseUrl: async pluginId => neighbours.baseUrl(pluginId),
      }).factory,
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => ({ send: async () => {} }),
      }),
      createServiceFactory({
        service: signalsServiceRef,
        deps: {},
        factory: () => ({ publish }),
      }),
    ],
  });
  const { server } = testBackend;
  return {
    server,
    neighbours: neighbours.state,
    publish,
    client: new AiMonitoringClient({
      discoveryApi: {
        getBaseUrl: async () =>
          `http://127.0.0.1:${server.port()}/api/ai-monitoring`,
      },
    }),
    user: { token: mockCredentials.user.token('user:default/ada') },
    send(
      batch: RecordBatch | object,
      header = mockCredentials.service.header({
        onBehalfOf: mockCredentials.service('greenroom:data-plane'),
        targetPluginId: 'ai-monitoring',
      }),
    ) {
      return request(server)
        .post('/api/ai-monitoring/records')
        .set('Authorization', header)
        .send(batch);
    },
    async stop() {
      await testBackend.stop();
      await neighbours.stop();
    },
  };
}
