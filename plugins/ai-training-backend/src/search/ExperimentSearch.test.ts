import { MigratedDatabases } from '@greenroom/ai-node/testing';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { ExperimentSearch } from './ExperimentSearch';
import type { Condition, Field, Order } from './filter';
import { compareBy, type FieldValues, holds } from './holds';
import { printFilter } from './printFilter';
import type { ViewType } from './scope';
import {
  completeOrder,
  type ExperimentAttribute,
  experimentLanguage,
} from './SearchLanguage';

jest.setTimeout(120_000);

const databases = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);

interface SmallExperiment {
  id: number;
  name: string;
  owner: string;
  deleted: boolean;
  createdAt: number;
  updatedAt: number;
  tags: Record<string, string>;
}

const anyKey = fc.constantFrom('a', 'b');
const anyText = fc.constantFrom('', 'a', 'A', 'ab', 'é', '😀', '2');
const anyTime = fc.constantFrom(0, 1, 1_700_000_000_123, 1_700_000_000_124);

const anyExperiment = fc.record({
  name: fc.string({ maxLength: 3 }).map(it => it.replaceAll('\u0000', '')),
  owner: fc.constantFrom('group:default/a', 'group:default/secret'),
  deleted: fc.boolean(),
  createdAt: anyTime,
  updatedAt: anyTime,
  tags: fc.dictionary(anyKey, anyText),
});

const numberTest = fc.record({
  type: fc.constant('number' as const),
  comparator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
  value: fc.oneof(anyTime, fc.constantFrom(-0.5, 1_700_000_000_123.5)),
});
const textTest = fc.record({
  type: fc.constant('text' as const),
  comparator: fc.constantFrom('=', '!=', 'LIKE', 'ILIKE'),
  value: fc.oneof(anyText, fc.constantFrom('%a%', '_')),
});
const presenceTest = fc.record({
  type: fc.constant('presence' as const),
  comparator: fc.constantFrom('IS NULL', 'IS NOT NULL'),
});
const idTest = fc.record({
  type: fc.constant('list' as const),
  comparator: fc.constantFrom('IN', 'NOT IN'),
  values: fc.array(fc.integer({ min: 1, max: 9 }).map(String), {
    minLength: 1,
  }),
});

const anyCondition: fc.Arbitrary<Condition<ExperimentAttribute>> = fc.oneof(
  fc
    .tuple(anyKey, fc.oneof(textTest, presenceTest))
    .map(([key, test]) => ({ field: { kind: 'tag' as const, key }, ...test })),
  textTest.map(test => ({
    field: { kind: 'attribute' as const, key: 'name' as const },
    ...test,
  })),
  idTest.map(test => ({
    field: { kind: 'attribute' as const, key: 'experiment_id' as const },
    ...test,
  })),
  fc
    .tuple(
      fc.constantFrom('creation_time' as const, 'last_update_time' as const),
      numberTest,
    )
    .map(([key, test]) => ({
      field: { kind: 'attribute' as const, key },
      ...test,
    })),
);

const anyOrder: fc.Arbitrary<Order<ExperimentAttribute>> = fc.record({
  field: fc.record({
    kind: fc.constant('attribute' as const),
    key: fc.constantFrom(
      'name',
      'experiment_id',
      'creation_time',
      'last_update_time',
    ),
  }),
  ascending: fc.boolean(),
});

describe('ExperimentSearch', () => {
  let knex: Knex;
  let search: ExperimentSearch;

  beforeEach(async () => {
    knex = await databases.open();
    search = new ExperimentSearch({ knex });
  });
  afterEach(() => knex.destroy());

  it('agrees with a walk through all experiments', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyExperiment, {
          maxLength: 12,
          selector: it => it.name,
        }),
        fc.array(anyCondition, { maxLength: 3 }),
        fc.uniqueArray(anyOrder, {
          maxLength: 2,
          selector: it => it.field.key,
        }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'),
        async (drawn, conditions, order, maxResults, viewType) => {
          const experiments = drawn.map((it, index) => ({
            ...it,
            id: index + 1,
          }));
          await insertExperiments(knex, experiments);
          const found: string[] = [];
          let pageToken: string | undefined;
          do {
            const page = await search.search({
              filter: printFilter(conditions),
              orderBy: order.map(printOrder),
              viewType,
              maxResults,
              pageToken,
              visible: { not: { ownerIn: ['group:default/secret'] } },
            });
            found.push(...page.experimentIds);
            pageToken = page.nextPageToken;
          } while (pageToken !== undefined);
          expect(found).toEqual(
            searchSlowly(experiments, { conditions, order, viewType }),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('finds those of a name, and refuses numbers that are none', async () => {
    await insertExperiments(knex, [
      {
        id: 7,
        name: 'Iris',
        owner: 'group:default/a',
        deleted: false,
        createdAt: 5,
        updatedAt: 5,
        tags: {},
      },
    ]);
    const find = async (filter: string) =>
      (await search.search({ filter })).experimentIds;
    expect(await find("name = 'Iris'")).toEqual(['7']);
    expect(await find("name ILIKE 'iR%'")).toEqual(['7']);
    expect(await find("experiment_id IN ('007', '9')")).toEqual(['7']);
    expect(await find('creation_time <= 5 AND last_update_time = 5')).toEqual([
      '7',
    ]);
    await expect(find("experiment_id = 'x'")).rejects.toThrow(
      /Invalid experiment ID 'x'/,
    );
    expect(await search.search({ visible: 'nothing' })).toEqual({
      experimentIds: [],
    });
  });
});

async function insertExperiments(
  knex: Knex,
  experiments: SmallExperiment[],
): Promise<void> {
  await knex('experiments').delete();
  if (experiments.length === 0) return;
  await knex('experiments').insert(
    experiments.map(({ id, name, owner, deleted, createdAt, updatedAt }) => ({
      id,
      name,
      owner,
      lifecycle: deleted ? 'deleted' : 'active',
      created_at: new Date(createdAt),
      updated_at: new Date(updatedAt),
      created_by: 'user:default/ada',
    })),
  );
  const tags = experiments.flatMap(({ id, tags: all }) =>
    Object.entries(all).map(([key, value]) => ({ experiment: id, key, value })),
  );
  if (tags.length > 0) await knex('experiment_tags').insert(tags);
}

function valuesOf(
  experiment: SmallExperiment,
  { kind, key }: Field<ExperimentAttribute>,
): FieldValues {
  if (kind === 'tag') {
    return key in experiment.tags ? [experiment.tags[key]] : [];
  }
  switch (key) {
    case 'experiment_id':
      return [String(experiment.id)];
    case 'creation_time':
      return [experiment.createdAt];
    case 'last_update_time':
      return [experiment.updatedAt];
    default:
      return [experiment.name];
  }
}

function searchSlowly(
  experiments: SmallExperiment[],
  query: {
    conditions: Condition<ExperimentAttribute>[];
    order: Order<ExperimentAttribute>[];
    viewType: ViewType;
  },
): string[] {
  const { conditions, viewType } = query;
  const order = completeOrder(experimentLanguage, query.order);
  return experiments
    .filter(
      ({ owner, deleted }) =>
        owner !== 'group:default/secret' &&
        (viewType === 'ALL' || deleted === (viewType === 'DELETED_ONLY')),
    )
    .filter(it => conditions.every(one => holds(one, valuesOf(it, one.field))))
    .sort((one, other) => {
      for (const by of order) {
        const sorted = [one, other].map(it =>
          by.field.key === 'experiment_id' ? it.id : valuesOf(it, by.field)[0],
        );
        const difference = compareBy(by, sorted[0], sorted[1]);
        if (difference !== 0) return difference;
      }
      return 0;
    })
    .map(({ id }) => String(id));
}

function printOrder({ field, ascending }: Order<ExperimentAttribute>): string {
  return `${field.key} ${ascending ? 'asc' : 'desc'}`;
}
