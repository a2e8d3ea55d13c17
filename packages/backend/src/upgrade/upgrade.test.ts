import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import aiInferencePlugin from '@greenroom/plugin-ai-inference-backend';
import aiMonitoringPlugin from '@greenroom/plugin-ai-monitoring-backend';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import knexFactory, { type Knex } from 'knex';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { programOf, ROOT } from '../workflows/__testUtils__/act';

jest.setTimeout(180_000);

const FIXTURES = path.join(__dirname, 'fixtures');
/** Made by `fixtures/makeDump.sh`, which says of which release. */
const DUMP = path.join(FIXTURES, '0.1.0-14.sql.gz');
const MIGRATIONS: Record<string, string> = JSON.parse(
  readFileSync(path.join(FIXTURES, '0.1.0-14.json'), 'utf8'),
);
const DATABASE = `upgrade_${randomBytes(6).toString('hex')}`;
const run = promisify(execFile);

const urlOf = (database: string): string => {
  const url = new URL(
    programOf('BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING'),
  );
  url.pathname = `/${database}`;
  return url.toString();
};
const connect = (database: string, schema?: string): Knex =>
  knexFactory({
    client: 'pg',
    connection: urlOf(database),
    searchPath: schema && [schema],
    pool: { min: 0, max: 4 },
  });

it.each(Object.entries(MIGRATIONS))(
  '%s is as it was released',
  (file, sha256) => {
    const now = readFileSync(path.join(ROOT, file));
    expect(createHash('sha256').update(now).digest('hex')).toBe(sha256);
  },
);

describe('a database of an earlier release', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'upgrade-'));
  const admin = connect('postgres');
  let knex: Knex;

  const countsOf = async () => {
    const { rows } = await knex.raw(
      `select schemaname || '.' || relname as name
         from pg_stat_user_tables
        where schemaname like 'ai-%' and relname not like '%knex%' and relname not like 'backstage%'`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of rows) {
      const [schema, table] = name.split('.');
      const [{ count }] = await knex(table).withSchema(schema).count();
      counts[name] = Number(count);
    }
    return counts;
  };

  /** As the job of the chart does. */
  const migrate = () =>
    run(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli-node/config/nodeTransform.cjs'),
        'src/index.ts',
        '--config',
        path.join(ROOT, 'app-config.yaml'),
        '--config',
        path.join(directory, 'app-config.yaml'),
        '--migrate-only',
      ],
      {
        cwd: path.join(ROOT, 'packages/backend'),
        maxBuffer: 2 ** 26,
        env: {
          PATH: process.env.PATH,
          HOME: directory,
          NODE_ENV: 'production',
          GREENROOM_URL: 'http://127.0.0.1:1',
          GREENROOM_LISTEN_HOST: '127.0.0.1',
          GREENROOM_PORT: '1',
          GREENROOM_DATABASE_URL: urlOf(DATABASE),
          GREENROOM_DATA_DIR: directory,
          GREENROOM_ENVIRONMENTS_REPOSITORY: path.join(directory, 'git'),
          GREENROOM_DATA_PLANE_TOKEN: 'a-token-of-more-than-24-characters',
        },
      },
    );

  beforeAll(async () => {
    await admin.raw('create database ??', [DATABASE]);
    const loading = connect(DATABASE);
    await loading.raw(
      gunzipSync(readFileSync(DUMP)).toString('utf8').replaceAll('?', '\\?'),
    );
    // The dump has changed settings of this connection.
    await loading.destroy();
    knex = connect(DATABASE);
    writeFileSync(
      path.join(directory, 'app-config.yaml'),
      JSON.stringify({ catalog: { locations: [] } }),
    );
  });
  afterAll(async () => {
    await knex?.destroy();
    await admin.raw('drop database if exists ?? with (force)', [DATABASE]);
    await admin.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is migrated with all that is in it, which is read as before', async () => {
    const before = await countsOf();
    expect(before).toMatchObject({
      'ai-registry.versions': 4,
      'ai-inference.api_keys': 2,
      'ai-monitoring.windows': 6,
    });
    await migrate();
    const after = await countsOf();
    const kept = [
      'ai-registry.models',
      'ai-registry.versions',
      'ai-registry.version_evaluations',
      'ai-registry.alias_changes',
      'ai-inference.api_keys',
      'ai-inference.deployments',
      'ai-inference.rollouts',
      'ai-monitoring.windows',
    ];
    for (const name of kept) {
      expect([name, after[name]]).toEqual([name, before[name]]);
    }
    // What was noted of changes is the audit log now.
    expect(after['ai-registry.audit_entries']).toBeGreaterThanOrEqual(14);

    const backend = await startOn(DATABASE, directory);
    try {
      const get = async (address: string) => {
        const answer = await fetch(
          `http://127.0.0.1:${backend.server.port()}/api/${address}`,
        );
        expect([address, answer.status]).toEqual([address, 200]);
        return answer.json();
      };
      const versions = await get('ai-registry/models/digits/versions');
      expect(
        versions.items
          .map(({ version }: { version: number }) => version)
          .sort(),
      ).toEqual([1, 2]);
      const version = await get('ai-registry/models/diabetes/versions/2');
      expect(version).toMatchObject({
        digest:
          'sha256:3b31300bb7590e949329db658e6ded3d24f1e40d0e8759a29fdc0693d5f890e9',
      });
      const deployments = await get('ai-inference/deployments');
      expect(
        deployments.items.map(({ model }: { model: string }) => model).sort(),
      ).toEqual(['diabetes', 'digits']);
      const keys = await get('ai-inference/keys');
      expect(keys.items.map(({ name }: { name: string }) => name)).toContain(
        'Demo traffic',
      );
    } finally {
      await backend.stop();
    }
  });
});

/** Our plugins, each with its schema; who asks may see everything. */
async function startOn(database: string, directory: string) {
  const knexes: Knex[] = [];
  const backend = await startTestBackend({
    features: [
      aiRegistryPlugin,
      aiInferencePlugin,
      aiMonitoringPlugin,
      catalogServiceMock.factory({ entities: [] }),
      createServiceFactory({
        service: coreServices.database,
        deps: { plugin: coreServices.pluginMetadata },
        async factory({ plugin }) {
          const knex = connect(database, plugin.getId());
          knexes.push(knex);
          return {
            getClient: async () => knex,
            migrations: { skip: plugin.getId().startsWith('ai-') },
          };
        },
      }),
      mockServices.rootConfig.factory({
        data: {
          backend: {
            baseUrl: 'http://127.0.0.1:0',
            listen: { host: '127.0.0.1', port: 0 },
          },
          aiRegistry: {
            artifacts: { directory: path.join(directory, 'artifacts') },
            environments: { directory: path.join(directory, 'git') },
          },
        },
      }),
    ],
  });
  return {
    server: backend.server,
    async stop() {
      await backend.stop();
      await Promise.all(knexes.map(knex => knex.destroy()));
    },
  };
}
