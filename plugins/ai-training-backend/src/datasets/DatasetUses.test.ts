import { mockCredentials } from '@backstage/backend-test-utils';
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import type { VisibleExperiments } from '../experiments/ExperimentGuard';
import { InputStore } from '../inputs/InputStore';
import { RunStore } from '../runs/RunStore';
import { DatasetUses, MAX_DATASET_RUNS } from './DatasetUses';
import { shortDigestOf } from './readReference';

jest.setTimeout(60_000);

const databases = trainingDatabases();
const options = { credentials: mockCredentials.user('user:default/ada') };
const URL = 'https://portal.test/api/ai-registry';
const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;

describe('DatasetUses', () => {
  let knex: Knex;
  let inputs: InputStore;
  let uses: DatasetUses;
  let visible: VisibleExperiments;
  let requireRead: jest.Mock;

  beforeAll(async () => {
    knex = await databases.open();
    inputs = new InputStore({ knex });
    for (const [id, owner] of [
      [11, 'vision'],
      [12, 'others'],
    ]) {
      await knex('experiments').insert({
        id,
        name: `experiment of ${owner}`,
        owner: `group:default/${owner}`,
        created_by: 'user:default/ada',
      });
    }
  });
  beforeEach(() => {
    visible = undefined;
    requireRead = jest.fn();
    uses = new DatasetUses({
      knex,
      guard: { visible: async () => visible, requireRead },
      runs: new RunStore({ knex }),
      registryUrls: [URL],
    });
  });

  async function run(
    input: {
      name?: string;
      digest?: string;
      source?: string;
      tags?: Record<string, string>;
    },
    experiment = 11,
  ): Promise<string> {
    const id = randomUUID().replaceAll('-', '');
    await knex('runs').insert({
      run_id: id,
      experiment,
      name: 'a run',
      user_id: 'ada',
      status: 'FINISHED',
      started_at: 1_000,
      created_by: 'user:default/ada',
    });
    await inputs.add(id, {
      inputs: [
        {
          dataset: {
            name: input.name ?? id,
            digest: input.digest ?? '1a2b3c4d',
            sourceType: 'http',
            source: input.source ?? '{}',
          },
          tags: { 'mlflow.data.context': 'training', ...input.tags },
        },
      ],
    });
    return id;
  }

  const runsOf = async (version: number, ...digests: string[]) =>
    (
      await uses.listRuns({ dataset: 'rows', version, digests }, options)
    ).items.map(({ run: id, by }) => [id, by]);

  it('finds runs by tag, by digest and by source, each once, the newest first', async () => {
    const [whole, ofFile] = [digestOf('1'), digestOf('2')];
    const source = (path: string) => JSON.stringify({ url: `${URL}${path}` });
    const byTag = await run({ tags: { 'greenroom.dataset.digest': ofFile } });
    const byDigest = await run({ digest: shortDigestOf(whole) });
    const bySource = await run({
      source: source('/datasets/rows/versions/3/file'),
    });
    const byAll = await run({
      tags: { 'greenroom.dataset.digest': whole },
      digest: shortDigestOf(whole),
      source: source('/datasets/rows/versions/3'),
    });
    await run({ source: source('/datasets/rows/versions/31') });
    await run({ source: source('/datasets/other-rows/versions/3') });
    await run({ digest: whole.slice(7, 15) });
    await run({
      source:
        '{"url":"https://other.test/api/ai-registry/datasets/rows/versions/3"}',
    });
    await expect(runsOf(3, whole, ofFile)).resolves.toEqual([
      [byAll, 'tag'],
      [bySource, 'source'],
      [byDigest, 'digest'],
      [byTag, 'tag'],
    ]);
    const { items } = await uses.listRuns(
      { dataset: 'rows', version: 3, digests: [whole] },
      options,
    );
    expect(items[0]).toEqual({
      run: byAll,
      name: 'a run',
      status: 'FINISHED',
      experiment: '11',
      experimentName: 'experiment of vision',
      startedAt: 1_000,
      context: 'training',
      by: 'tag',
    });
    await expect(uses.listInputs(bySource, options)).resolves.toEqual([
      {
        name: bySource,
        digest: '1a2b3c4d',
        reference: { by: 'source', dataset: 'rows', version: 3 },
      },
    ]);
    expect(requireRead).toHaveBeenCalledWith(['11'], options);
  });

  it('leaves out what is deleted, and what the caller may not read', async () => {
    const digest = digestOf('3');
    const tags = { 'greenroom.dataset.digest': digest };
    const deleted = await run({ tags });
    await knex('runs')
      .where({ run_id: deleted })
      .update({ lifecycle: 'deleted' });
    const ours = await run({ tags });
    const theirs = await run({ tags }, 12);
    await expect(runsOf(1, digest)).resolves.toEqual([
      [theirs, 'tag'],
      [ours, 'tag'],
    ]);
    visible = { ownerIn: ['group:default/vision'] };
    await expect(runsOf(1, digest)).resolves.toEqual([[ours, 'tag']]);
    visible = 'nothing';
    await expect(runsOf(1, digest)).resolves.toEqual([]);
  });

  it('tells the newest of many, and walks through no table for them', async () => {
    const digest = digestOf('4');
    await knex.raw(
      `with made as (
         insert into runs (run_id, experiment, name, user_id, status, created_by)
         select 'many-' || n, 11, 'many', 'ada', 'FINISHED', 'user:default/ada' from generate_series(1, 20000) as n
         returning id
       ), data as (
         insert into inputs (experiment, name, digest, source_type, source)
         select 11, 'many-' || n, n::text, 'http', '{}' from generate_series(1, 5000) as n returning id
       )
       insert into run_inputs (run, input, tags)
       select made.id, (select min(id) from data), jsonb_build_object('greenroom.dataset.digest',
         case when made.id % 100 = 0 then ? else made.id::text end) from made`,
      [digest],
    );
    await knex.raw('analyze runs, inputs, run_inputs');
    const query = { dataset: 'rows', version: 1, digests: [digest] };
    const { items, isCut } = await uses.listRuns(query, options);
    expect(items).toHaveLength(MAX_DATASET_RUNS);
    expect(isCut).toBe(true);

    const read = await knex.transaction(async tx => {
      const before = await countRead(tx);
      await new DatasetUses({
        knex: tx,
        guard: { visible: async () => undefined, requireRead },
        runs: new RunStore({ knex: tx }),
        registryUrls: [URL],
      }).listRuns({ ...query, digests: [digestOf('5')] }, options);
      return (await countRead(tx)) - before;
    });
    expect(read).toBeLessThan(100);
  });
});

/** Rows that were read, as far as the connection has not handed it in yet. */
async function countRead(tx: Knex): Promise<number> {
  const { rows } = await tx.raw(
    `select sum(seq_tup_read + idx_tup_fetch) as read from pg_stat_xact_user_tables
     where relname in ('inputs', 'run_inputs', 'runs')`,
  );
  return Number(rows[0].read);
}
