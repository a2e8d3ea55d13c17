import type {
  VersionCondition,
  VersionSearch,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { VersionStore } from './VersionStore';

jest.setTimeout(120_000);

const databases = registryDatabases();

/** So many that walking through all of them is dear to the planner. */
const MODELS = 5_000;
const VERSIONS_OF_MODEL = 10;

const ofModel: VersionCondition = {
  field: 'externalName',
  comparator: '=',
  values: ['Model 7'],
};

/** What clients ask all day. */
const HOT: [name: string, search: VersionSearch][] = [
  ['the newest of a model', { conditions: [ofModel], limit: 100 }],
  [
    'one of a model',
    {
      conditions: [ofModel, { field: 'version', comparator: '=', value: 3 }],
      limit: 1,
    },
  ],
  [
    'that of an alias',
    { conditions: [ofModel, { field: 'alias', value: 'champion' }], limit: 1 },
  ],
  [
    'the newest of each stage',
    {
      conditions: [
        { field: 'model', comparator: 'IN', values: ['model-7', 'model-8'] },
      ],
      latestOfStages: true,
    },
  ],
  [
    'those of a run',
    { conditions: [{ field: 'run', comparator: '=', values: ['run-9-9'] }] },
  ],
];

describe('plans of searches for versions', () => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.open();
    await knex.raw(
      `insert into models (name, external_name, title, description, task, owner, tags, created_at, updated_at, created_by, last_version)
       select 'model-' || n, 'Model ' || n, 'Model ' || n, '', 'other', 'group:default/team', '{}', now(), now(), 'user:default/ada', ?
       from generate_series(1, ?::int) n`,
      [VERSIONS_OF_MODEL, MODELS],
    );
    await knex.raw(
      `insert into versions (model, version, description, format, digest, size_bytes, signature, servability, tags, source, created_at, created_by)
       select 'model-' || m, v, '', 'onnx', 'sha256:' || repeat('0', 64), 1, '{"inputs": [], "outputs": []}', '{"state": "not-tried"}', '{}',
         jsonb_build_object('run', 'run-' || m || '-' || v), now(), 'user:default/ada'
       from generate_series(1, ?::int) m, generate_series(1, ?::int) v`,
      [MODELS, VERSIONS_OF_MODEL],
    );
    await knex.raw(
      `insert into aliases (model, alias, version)
       select name, 'champion', 5 from models`,
    );
    await knex.raw('analyze');
  });
  afterAll(() => knex.destroy());

  it.each(HOT)('%s walk through no table', async (_name, search) => {
    const plan = await planOf(search);
    expect(plan).not.toMatch(/Seq Scan on (models|versions|aliases)/);
  });

  it('finds one of many versions of a model by its number', async () => {
    await knex.raw(
      `insert into versions (model, version, description, format, digest, size_bytes, signature, servability, tags, source, created_at, created_by)
       select model, n, description, format, digest, size_bytes, signature, servability, tags, source, created_at, created_by
       from versions, generate_series(100, 5000) n where model = 'model-7' and version = 1`,
    );
    await knex.raw('analyze versions');
    const plan = await planOf({
      conditions: [
        ofModel,
        { field: 'version', comparator: '=', value: 4_711 },
      ],
      limit: 1,
    });
    expect(plan).toMatch(/Index Cond: .*version = '4711'/);
  });

  /** How the database carries a search out; what it finds is not nothing. */
  async function planOf(search: VersionSearch): Promise<string> {
    const asked: { sql: string; bindings: Knex.RawBinding[] }[] = [];
    const note = (query: (typeof asked)[number]) => asked.push(query);
    knex.on('query', note);
    const { items } = await new VersionStore({ knex }).search(search);
    knex.off('query', note);
    expect(items.length).toBeGreaterThan(0);
    expect(asked).toHaveLength(1);
    const [{ sql, bindings }] = asked;
    const { rows } = await knex.raw(
      `explain (costs off) ${sql.replaceAll(/\$\d+/g, '?')}`,
      bindings,
    );
    return rows
      .map((row: Record<'QUERY PLAN', string>) => row['QUERY PLAN'])
      .join('\n');
  }
});
