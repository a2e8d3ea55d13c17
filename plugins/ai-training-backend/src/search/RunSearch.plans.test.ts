import { MigratedDatabases } from '@greenroom/ai-node/testing';
import type { Knex } from 'knex';
import { generateRuns } from './__testUtils__/generateRuns';
import { parseFilter } from './parseFilter';
import { parseOrder } from './parseOrder';
import { selectSegment } from './readPage';
import { RunSearch, runSegments } from './RunSearch';
import { runLanguage } from './SearchLanguage';
import { sql } from './sql';

jest.setTimeout(120_000);

const databases = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);

/** More than one page, and so many that walking through all of them is dear to the planner. */
const RUNS = 5_000;

/** What people do all day: the newest runs, the best, those with a setting. */
const HOT: [name: string, filter: string, orderBy: string[]][] = [
  ['the newest', '', []],
  ['the best by a metric', '', ['metrics.`metric-3` DESC']],
  ['the best by two metrics', '', ['metrics.`metric-3`', 'metrics.`metric-4`']],
  ['by a param', '', ['params.`param-2` ASC']],
  ['by a tag', '', ['tags.`tag-1` DESC']],
  ['by a name', '', ['run_name']],
  ['with a param', "params.`param-5` = '77'", []],
  ['with a tag', "tags.`tag-0` = '7'", ['metrics.`metric-1`']],
  ['better than', 'metrics.`metric-7` > 2.1', ['start_time DESC']],
  ['one alone', "run_id = '0123456789abcdef0123456789abcdef'", []],
];

describe('plans of searches', () => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.open();
    for (const experiment of [1, 2]) {
      await knex('experiments').insert({
        id: experiment,
        name: `experiment ${experiment}`,
        owner: 'group:default/team',
        created_by: 'user:default/ada',
      });
      await generateRuns(knex, { experiment, count: RUNS });
    }
  });
  afterAll(() => knex.destroy());

  it.each(HOT)(
    'of %s walk through no table',
    async (_name, filter, orderBy) => {
      const [segment] = runSegments({
        experiments: ['1'],
        conditions: parseFilter(filter, runLanguage),
        order: parseOrder(orderBy, runLanguage),
        viewType: 'ACTIVE_ONLY',
        areFew: false,
      });
      const plan = await explain(selectSegment(sql`r.id`, segment, 101));
      expect(plan).not.toMatch(
        /Seq Scan on (latest_metrics|run_params|run_tags)/,
      );
    },
  );

  it.each(HOT)(
    'of %s look up values run by run where runs are few',
    async (_name, filter, orderBy) => {
      const [segment] = runSegments({
        experiments: ['1'],
        conditions: parseFilter(filter, runLanguage),
        order: parseOrder(orderBy, runLanguage),
        viewType: 'ACTIVE_ONLY',
        areFew: true,
      });
      const plan = await explain(selectSegment(sql`r.id`, segment, 101));
      expect(plan).not.toMatch(
        /Seq Scan on (latest_metrics|run_params|run_tags)/,
      );
    },
  );

  it('enter the index where the page before ended', async () => {
    const [segment] = runSegments({
      experiments: ['1'],
      conditions: [],
      order: parseOrder(['metrics.`metric-3` DESC'], runLanguage),
      viewType: 'ACTIVE_ONLY',
      areFew: false,
    });
    const after = ['1.5', '0', '1700000000000', 'f'];
    const plan = await explain(selectSegment(sql`r.id`, segment, 101, after));
    expect(plan).toMatch(/latest_metrics_by_value/);
    expect(plan).toMatch(/Index Cond: .*value <= /);
  });

  it('read each run once, over all pages', async () => {
    const search = new RunSearch({ knex });
    const seen = new Set<number>();
    let pageToken: string | undefined;
    do {
      const page = await search.search({
        experimentIds: ['1'],
        orderBy: ['params.`param-2`', 'metrics.`metric-1` DESC'],
        pageToken,
      });
      page.runs.forEach(run => seen.add(run));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    expect(seen.size).toBe(RUNS);
  });

  async function explain(statement: ReturnType<typeof selectSegment>) {
    const { rows } = await sql`explain (costs off) ${statement}`.toRaw(knex);
    return rows
      .map((row: Record<'QUERY PLAN', string>) => row['QUERY PLAN'])
      .join('\n');
  }
});
