import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { artifactUsersExtensionPoint } from '@greenroom/plugin-ai-registry-node';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';

jest.setTimeout(60_000);

const databases = registryDatabases();

const silentUser = createBackendModule({
  pluginId: 'ai-registry',
  moduleId: 'silent-user',
  register(env) {
    env.registerInit({
      deps: { users: artifactUsersExtensionPoint },
      async init({ users }) {
        users.addUser({
          name: 'silent',
          async findUsed() {
            throw new Error('nobody is there');
          },
        });
      },
    });
  },
});

describe('users of artifacts', () => {
  it('are asked before anything is removed, and it is told who does not answer', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'registry-users-'));
    const knex = await databases.open();
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        silentUser,
        mockServices.database.factory({ knex }),
        catalogServiceMock.factory({ entities: [] }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory },
              environments: { directory: join(directory, 'environments.git') },
            },
          },
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    const registry = request(`http://localhost:${port}/api/ai-registry`);
    const ada = `Bearer ${mockCredentials.user.token()}`;
    await registry
      .post('/artifacts')
      .set('Authorization', ada)
      .set('Content-Type', 'application/octet-stream')
      .send('unused')
      .expect(201);
    const collected = await registry
      .post('/artifacts/collect')
      .set('Authorization', ada)
      .send({});
    expect([collected.status, collected.body]).toEqual([
      200,
      {
        dryRun: false,
        count: 0,
        unused: [],
        bytes: 0,
        young: 0,
        unanswered: { user: 'silent', reason: 'Error: nobody is there' },
      },
    ]);
    await backend.stop();
    await rm(directory, { recursive: true });
  });
});
