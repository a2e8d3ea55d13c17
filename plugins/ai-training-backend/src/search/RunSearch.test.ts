import { MigratedDatabases } from '@greenroom/ai-node/testing';
import fc from 'fast-check';
import type { Knex } from 'knex';
import type { Condition, Field, Order } from './filter';
import { compareBy, type FieldValues, holds } from './holds';
import { printFilter } from './printFilter';
import { RunSearch } from './RunSearch';
import type { Visible } from './scope';
import {
  completeOrder,
  type RunAttribute,
  runLanguage,
} from './SearchLanguage';

jest.setTimeout(120_000);

const databases = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);

/** A run as a test thinks of it. */
interface SmallRun {
  runId: string;
  experiment: 1 | 2;
  name: string;
  status: string;
  startedAt: number | null;
  endedAt: number | null;
  deleted: boolean;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
  inputs: { name: string; context?: string }[];
}

type RunField = Field<RunAttribute>;

/** Few, so that they meet. */
const anyKey = fc.constantFrom('a', 'b', 'x y');
const anyText = fc.constantFrom(
  '',
  'a',
  'A',
  'ab',
  'a%',
  'é',
  'Z',
  '😀',
  '_',
  '\\',
);
const anyPattern = fc.oneof(
  anyText,
  fc.constantFrom('%', 'a%', '_', '%b', '\\%'),
);
const anyNumber = fc.constantFrom(-1, 0, 0.5, 1, 2, 1e300);
const anyMetric = fc.oneof(
  anyNumber,
  fc.constantFrom(NaN, Infinity, -Infinity),
);
const anyTime = fc.constantFrom(null, 0, 1, 2, 1_700_000_000_123);

const anyRun: fc.Arbitrary<SmallRun> = fc.record({
  runId: fc.stringMatching(/^[a-f0-9]{4}$/),
  experiment: fc.constantFrom(1, 1, 1, 2),
  name: anyText,
  status: fc.constantFrom('RUNNING', 'FINISHED'),
  startedAt: anyTime,
  endedAt: anyTime,
  deleted: fc.constantFrom(false, false, false, true),
  metrics: fc.dictionary(anyKey, anyMetric),
  params: fc.dictionary(anyKey, anyText),
  tags: fc.dictionary(anyKey, anyText),
  inputs: fc.uniqueArray(
    fc.record(
      {
        name: fc.constantFrom('a', 'b'),
        context: fc.constantFrom('train', 'a'),
      },
      { requiredKeys: ['name'] },
    ),
    { maxLength: 2, selector: it => it.name },
  ),
});

const numberTest = fc.record({
  type: fc.constant('number' as const),
  comparator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
  value: anyNumber,
});
const textTest = fc.record({
  type: fc.constant('text' as const),
  comparator: fc.constantFrom('=', '!=', 'LIKE', 'ILIKE'),
  value: anyPattern,
});
const listTest = fc.record({
  type: fc.constant('list' as const),
  comparator: fc.constantFrom('IN', 'NOT IN'),
  values: fc.array(anyText, { minLength: 1, maxLength: 3 }),
});
const presenceTest = fc.record({
  type: fc.constant('presence' as const),
  comparator: fc.constantFrom('IS NULL', 'IS NOT NULL'),
});

const anyCondition: fc.Arbitrary<Condition<RunAttribute>> = fc.oneof(
  fc
    .tuple(anyKey, numberTest)
    .map(
      ([key, test]) => ({ field: { kind: 'metric', key }, ...test } as const),
    ),
  fc
    .tuple(
      fc.constantFrom('param' as const, 'tag' as const),
      anyKey,
      fc.oneof(textTest, presenceTest),
    )
    .map(([kind, key, test]) => ({ field: { kind, key }, ...test })),
  fc
    .tuple(
      fc.constantFrom('run_id', 'status', 'run_name', 'artifact_uri'),
      fc.oneof(textTest, listTest),
    )
    .map(
      ([key, test]) =>
        ({ field: { kind: 'attribute', key }, ...test } as const),
    ),
  fc
    .tuple(fc.constantFrom('start_time', 'end_time'), numberTest)
    .map(
      ([key, test]) =>
        ({ field: { kind: 'attribute', key }, ...test } as const),
    ),
  fc
    .tuple(fc.constantFrom('name', 'context'), fc.oneof(textTest, listTest))
    .map(
      ([key, test]) => ({ field: { kind: 'dataset', key }, ...test } as const),
    ),
);

const anyOrder: fc.Arbitrary<Order<RunAttribute>> = fc.record({
  field: fc.oneof(
    fc.record({
      kind: fc.constantFrom(
        'metric' as const,
        'param' as const,
        'tag' as const,
      ),
      key: anyKey,
    }),
    fc.record({
      kind: fc.constant('attribute' as const),
      key: fc.constantFrom(
        'run_id',
        'run_name',
        'status',
        'start_time',
        'end_time',
        'artifact_uri',
      ),
    }),
  ),
  ascending: fc.boolean(),
});

describe('RunSearch', () => {
  let knex: Knex;
  let search: RunSearch;

  beforeEach(async () => {
    knex = await databases.open();
    search = new RunSearch({ knex });
    await knex('experiments').insert(
      [1, 2].map(id => ({
        id,
        name: `experiment ${id}`,
        owner: `group:default/team-${id}`,
        created_by: 'user:default/ada',
      })),
    );
  });
  afterEach(() => knex.destroy());

  it('agrees with a walk through all runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRun, { maxLength: 25, selector: it => it.runId }),
        fc.array(anyCondition, { maxLength: 3 }),
        fc.uniqueArray(anyOrder, {
          maxLength: 3,
          selector: ({ field }) => `${field.kind}.${field.key}`,
        }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'),
        async (runs, conditions, order, maxResults, viewType) => {
          await knex('runs').delete();
          await knex('inputs').delete();
          const numbers = await insertRuns(knex, runs);
          const found: number[] = [];
          let pageToken: string | undefined;
          do {
            const page = await search.search({
              experimentIds: ['1'],
              filter: printFilter(conditions),
              orderBy: order.map(printOrder),
              viewType,
              maxResults,
              pageToken,
            });
            expect(page.runs.length).toBeLessThanOrEqual(maxResults);
            found.push(...page.runs);
            pageToken = page.nextPageToken;
          } while (pageToken !== undefined);
          const expected = searchSlowly(runs, { conditions, order, viewType });
          expect(found.map(it => numbers.get(it))).toEqual(
            expected.map(({ runId }) => runId),
          );
        },
      ),
      { numRuns: 250 },
    );
  });

  it('goes on where a page ended, whatever came or went meanwhile', async () => {
    const runs = ['a', 'b', 'c', 'd'].map((runId, index) =>
      smallRun({ runId, metrics: { loss: index } }),
    );
    const numbers = await insertRuns(knex, runs);
    const query = {
      experimentIds: ['1'],
      orderBy: ['metrics.loss'],
      maxResults: 2,
    };
    const first = await search.search(query);
    expect(first.runs.map(it => numbers.get(it))).toEqual(['a', 'b']);
    await knex('runs').where({ run_id: 'a' }).delete();
    await insertRuns(knex, [smallRun({ runId: 'e', metrics: { loss: -1 } })]);
    const { nextPageToken } = first;
    const second = await search.search({ ...query, pageToken: nextPageToken });
    expect(second.runs.map(it => numbers.get(it))).toEqual(['c', 'd']);
    expect(second.nextPageToken).toBeUndefined();
    await expect(
      search.search({ ...query, orderBy: [], pageToken: nextPageToken }),
    ).rejects.toThrow(/belongs to another search/);
  });

  it('finds by all that a run has', async () => {
    const numbers = await insertRuns(knex, [
      smallRun({
        runId: 'a',
        name: 'Straße',
        tags: { note: '100%\\' },
        inputs: [{ name: 'iris', context: 'train' }, { name: 'wine' }],
      }),
      smallRun({ runId: 'b', params: { long: 'x'.repeat(300) } }),
    ]);
    await knex('experiments')
      .where({ id: 1 })
      .update({ artifact_location: 's3://here' });
    const find = async (filter: string) => {
      const { runs } = await search.search({ experimentIds: ['1'], filter });
      return runs.map(it => numbers.get(it));
    };
    expect(await find("tags.note LIKE '%\\'")).toEqual(['a']);
    expect(await find("run_name ILIKE 'STRA_e'")).toEqual(['a']);
    expect(await find("run_name LIKE 'STRA_e'")).toEqual([]);
    expect(
      await find("datasets.name = 'wine' AND datasets.context = 'train'"),
    ).toEqual(['a']);
    expect(await find("datasets.name IN ('beer')")).toEqual([]);
    expect(await find(`params.long = '${'x'.repeat(300)}'`)).toEqual(['b']);
    expect(await find(`params.long = '${'x'.repeat(299)}'`)).toEqual([]);
    expect(await find('params.long IS NULL')).toEqual(['a']);
    expect(await find("artifact_uri = 's3://here/b/artifacts'")).toEqual(['b']);
    expect(await find('start_time > 1e300')).toEqual([]);
    expect(await find('start_time < 1e300 AND start_time != 0.5')).toEqual([
      'a',
      'b',
    ]);
  });

  it('leaves experiments alone that may not be read, and says so', async () => {
    await insertRuns(knex, [smallRun({ runId: 'a' })]);
    const query: { visible: Visible } = {
      visible: { anyOf: [{ ownerIn: ['group:default/team-1'] }] },
    };
    await expect(
      search.search({ experimentIds: ['1', '2'], ...query }),
    ).rejects.toThrow(/'ai-training.experiment.read' on experiment '2'/);
    expect(
      (await search.search({ experimentIds: ['1', '77'], ...query })).runs,
    ).toHaveLength(1);
    expect((await search.search({ experimentIds: [] })).runs).toEqual([]);
    await expect(search.search({ experimentIds: ['x'] })).rejects.toThrow(
      /Invalid experiment ID 'x'/,
    );
  });

  it('refuses pages that are none', async () => {
    await expect(
      search.search({ experimentIds: ['1'], maxResults: 0 }),
    ).rejects.toThrow(/Invalid value 0 for parameter 'max_results'/);
    await expect(
      search.search({ experimentIds: ['1'], maxResults: 50_001 }),
    ).rejects.toThrow(/at most 50000/);
  });
});

function smallRun(fields: Partial<SmallRun>): SmallRun {
  return {
    runId: 'a',
    experiment: 1,
    name: '',
    status: 'RUNNING',
    startedAt: 1,
    endedAt: null,
    deleted: false,
    metrics: {},
    params: {},
    tags: {},
    inputs: [],
    ...fields,
  };
}

/** @returns the ids of runs by their numbers */
async function insertRuns(
  knex: Knex,
  runs: SmallRun[],
): Promise<Map<number, string>> {
  const numbers = new Map<number, string>();
  for (const run of runs) {
    const [{ id }] = await knex('runs')
      .insert({
        run_id: run.runId,
        experiment: run.experiment,
        name: run.name,
        user_id: 'ada',
        status: run.status,
        started_at: run.startedAt,
        ended_at: run.endedAt,
        lifecycle: run.deleted ? 'deleted' : 'active',
        created_by: 'user:default/ada',
      })
      .returning('id');
    numbers.set(Number(id), run.runId);
    const rowsOf = (values: Record<string, unknown>) =>
      Object.entries(values).map(([key, value]) => ({ run: id, key, value }));
    for (const [table, rows] of [
      ['run_params', rowsOf(run.params)],
      ['run_tags', rowsOf(run.tags)],
      [
        'latest_metrics',
        rowsOf(run.metrics).map(row => ({ ...row, step: 0, at: 0 })),
      ],
    ] as const) {
      if (rows.length > 0) await knex(table).insert(rows);
    }
    for (const { name, context } of run.inputs) {
      const [input] = await knex('inputs')
        .insert({
          experiment: run.experiment,
          name,
          digest: run.runId,
          source_type: 'local',
          source: '',
        })
        .returning('id');
      const tags =
        context === undefined ? {} : { 'mlflow.data.context': context };
      await knex('run_inputs').insert({
        run: id,
        input: input.id,
        tags: JSON.stringify(tags),
      });
    }
  }
  return numbers;
}

function valuesOf(run: SmallRun, { kind, key }: RunField): FieldValues {
  const present = <T>(value: T | null | undefined) =>
    value === null || value === undefined ? [] : [value];
  switch (kind) {
    case 'metric':
      return present(run.metrics[key]);
    case 'param':
      return present(run.params[key]);
    case 'tag':
      return present(run.tags[key]);
    case 'dataset':
      return run.inputs.flatMap(input =>
        present(key === 'name' ? input.name : input.context),
      );
    default:
      return present(
        {
          run_id: run.runId,
          run_name: run.name,
          user_id: 'ada',
          status: run.status,
          start_time: run.startedAt,
          end_time: run.endedAt,
          artifact_uri: `mlflow-artifacts:/${run.experiment}/${run.runId}/artifacts`,
        }[key],
      );
  }
}

/** What a search means, without any index. */
function searchSlowly(
  runs: SmallRun[],
  query: {
    conditions: Condition<RunAttribute>[];
    order: Order<RunAttribute>[];
    viewType: string;
  },
): SmallRun[] {
  const order = completeOrder(runLanguage, query.order);
  const isSeen = ({ deleted }: SmallRun) =>
    query.viewType === 'ALL' || deleted === (query.viewType === 'DELETED_ONLY');
  return runs
    .filter(run => run.experiment === 1 && isSeen(run))
    .filter(run =>
      query.conditions.every(it => holds(it, valuesOf(run, it.field))),
    )
    .sort((one, other) => {
      for (const by of order) {
        const [a] = valuesOf(one, by.field);
        const [b] = valuesOf(other, by.field);
        const difference = compareBy(by, a, b);
        if (difference !== 0) return difference;
      }
      return 0;
    });
}

function printOrder({ field, ascending }: Order<RunAttribute>): string {
  return `${field.kind}.\`${field.key}\` ${ascending ? 'ASC' : 'DESC'}`;
}
