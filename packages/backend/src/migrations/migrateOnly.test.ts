import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { migrateOnlyFeatures } from './migrateOnly';
import { MigrationGate } from './MigrationGate';
import { migrationGateServiceRef } from './migrationGateServiceFactory';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const MIGRATION = 'plugin-a/1_init.js';

describe('a program that only migrates', () => {
  let knex: Knex;
  let did: string[];

  const gateOf = (migrations: string[]) =>
    new MigrationGate({ knex, migrations, logger: mockServices.logger.mock() });
  const start = () =>
    startTestBackend({
      features: [
        ...migrateOnlyFeatures(),
        createServiceFactory({
          service: migrationGateServiceRef,
          deps: {},
          async factory() {
            const gate = gateOf([MIGRATION]);
            await gate.takeTurn();
            return gate;
          },
        }),
        createBackendPlugin({
          pluginId: 'worker',
          register(reg) {
            reg.registerInit({
              deps: {
                root: coreServices.rootLifecycle,
                own: coreServices.lifecycle,
              },
              async init({ root, own }) {
                did.push('migrates');
                root.addStartupHook(() => {
                  did.push('works for all');
                });
                own.addStartupHook(() => {
                  did.push('works for itself');
                });
              },
            });
          },
        }),
      ],
    }).catch(error => {
      // The helper hands out the port of whatever it has started, and there is none.
      if (!String(error).includes('server is not available')) throw error;
    });

  beforeEach(async () => {
    knex = await databases.init('POSTGRES_18');
    did = [];
    jest.spyOn(process, 'exit').mockImplementation(code => {
      did.push(`ends with ${code}`);
      return undefined as never;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('begins nothing that works in the background, notes what is done, and ends', async () => {
    await start();
    expect(did).toEqual(['migrates', 'ends with 0']);
    expect(await knex('done_migrations').pluck('name')).toEqual([MIGRATION]);
  });

  it('ends before any plugin starts where a newer version has migrated', async () => {
    const newer = gateOf([MIGRATION, 'plugin-a/2_more.js']);
    await newer.takeTurn();
    await newer.finish();
    await start();
    // A program that has ended does not go on, as this one does.
    expect(did[0]).toBe('ends with 0');
  });

  it('says by how it ends that what is done was not noted', async () => {
    await knex.raw(
      'create table done_migrations (name int primary key, done_at int)',
    );
    await start();
    expect(did).toEqual(['migrates', 'ends with 1']);
  });
});
