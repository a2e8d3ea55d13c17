import {
  mockServices,
  ServiceFactoryTester,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { createServer, type AddressInfo, type Server } from 'node:net';
import {
  DatabaseHealth,
  databaseHealthServiceFactory,
} from './databaseHealthServiceFactory';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

async function readinessWith(connection: unknown) {
  const hooks: (() => void)[] = [];
  const tester = ServiceFactoryTester.from(databaseHealthServiceFactory, {
    dependencies: [
      mockServices.rootConfig.factory({
        data: { backend: { database: { client: 'pg', connection } } } as never,
      }),
      mockServices.rootLifecycle.mock({
        addStartupHook: hook => hooks.push(hook as () => void),
        addBeforeShutdownHook: () => {},
      }).factory,
    ],
  });
  const health = await tester.getSubject();
  hooks.forEach(hook => hook());
  return health.getReadiness();
}

describe('databaseHealthServiceFactory', () => {
  let silent: Server;

  beforeAll(async () => {
    // Like a server that was stopped: the system still takes connections for it.
    silent = createServer(() => {});
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => silent.close());

  it('is ready while the database answers', async () => {
    const knex = await databases.init('POSTGRES_18');
    // Knex hides its password from whoever copies the rest.
    const { connection: known } = knex.client.config;
    const connection = { ...known, password: known.password };
    expect(await readinessWith(connection)).toMatchObject({ status: 200 });
  });

  it('is not ready while the database hangs, and says so within seconds', async () => {
    const { port } = silent.address() as AddressInfo;
    const startedAt = Date.now();
    expect(
      await readinessWith(`postgresql://nobody@127.0.0.1:${port}/greenroom`),
    ).toMatchObject({
      status: 503,
      payload: {
        message: expect.stringContaining('The database does not answer'),
      },
    });
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it('is not ready while nobody listens', async () => {
    expect(
      await readinessWith({ host: '127.0.0.1', port: 9, user: 'nobody' }),
    ).toMatchObject({ status: 503 });
  });
});

describe('DatabaseHealth', () => {
  it('asks the database once for all who ask within a second', async () => {
    let nowMillis = 0;
    let asked = 0;
    const health = new DatabaseHealth({
      check: async () => {
        asked += 1;
      },
      now: () => nowMillis,
    });
    expect(await health.getReadiness()).toMatchObject({ status: 503 });
    health.setPhase('up');
    await Promise.all([health.getReadiness(), health.getReadiness()]);
    nowMillis = 999;
    await health.getReadiness();
    expect(asked).toBe(1);
    nowMillis = 1_000;
    await health.getReadiness();
    expect(asked).toBe(2);
    expect(await health.getLiveness()).toMatchObject({ status: 200 });
    health.setPhase('down');
    expect(await health.getReadiness()).toMatchObject({ status: 503 });
  });
});
