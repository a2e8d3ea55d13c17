import { VERSION_STAGES } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { setTimeout as sleep } from 'node:timers/promises';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { AliasStore } from '../aliases/AliasStore';
import { ModelStore } from '../models/ModelStore';
import { VersionStore } from '../versions/VersionStore';
import { AsOfReader } from './AsOfReader';

jest.setTimeout(120_000);

const databases = registryDatabases();

/** What a model says, as this file keeps it beside the database. */
interface Replayed {
  deleted: boolean;
  description: string;
  tags: Record<string, string>;
  aliases: Record<string, number>;
  versions: {
    deleted: boolean;
    description: string;
    tags: Record<string, string>;
    stage?: string;
  }[];
}

type Step =
  | { does: 'describe' | 'tag'; version: number; text: string }
  | { does: 'stage'; version: number; stage: string | null }
  | { does: 'alias'; alias: string; version: number | undefined }
  | { does: 'delete' | 'restore'; version: number }
  | { does: 'register' };

const versionNumber = fc.integer({ min: 0, max: 3 });
const text = fc.constantFrom('', 'good', 'better', '{"a":1}', 'null');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constantFrom('describe' as const, 'tag' as const),
    version: versionNumber,
    text,
  }),
  fc.record({
    does: fc.constant('stage' as const),
    version: versionNumber,
    stage: fc.constantFrom(...VERSION_STAGES, null),
  }),
  fc.record({
    does: fc.constant('alias' as const),
    alias: fc.constantFrom('champion', 'challenger'),
    version: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  }),
  fc.record({
    does: fc.constantFrom('delete' as const, 'restore' as const),
    version: versionNumber,
  }),
  fc.record({ does: fc.constant('register' as const) }),
);

describe('AsOfReader', () => {
  let knex: Knex;
  let models: ModelStore;
  let versions: VersionStore;
  let aliases: AliasStore;
  let reader: AsOfReader;
  let count = 0;

  beforeAll(async () => {
    knex = await databases.open();
    models = new ModelStore({ knex });
    versions = new VersionStore({ knex });
    aliases = new AliasStore({ knex });
    reader = new AsOfReader({ knex });
  });

  async function createModel(): Promise<string> {
    count += 1;
    const name = `model-${count}`;
    await knex.transaction(tx =>
      models.insert(tx, {
        name,
        externalName: name,
        title: name,
        description: 'first',
        task: 'other',
        owner: 'group:default/team',
        tags: {},
        createdBy: 'user:default/ada',
      }),
    );
    return name;
  }

  const register = (model: string) =>
    knex.transaction(async tx => {
      await versions.insert(tx, {
        model,
        version: await models.takeVersionNumber(tx, model),
        description: 'new',
        format: 'onnx',
        digest: `sha256:${'a'.repeat(64)}`,
        servability: { state: 'not-tried', reason: 'Made up for a test.' },
        sizeBytes: 1,
        signature: { inputs: [], outputs: [] },
        tags: {},
        source: {},
        createdBy: 'user:default/ada',
      });
    });

  /** The database's, once it can no longer get a change. */
  async function momentNow(): Promise<Date> {
    const { rows } = await knex.raw(
      `select date_trunc('milliseconds', clock_timestamp()) as now`,
    );
    await sleep(2);
    return rows[0].now;
  }

  async function take(
    model: string,
    state: Replayed,
    does: Step,
  ): Promise<void> {
    await knex.transaction(async tx => {
      await models.lock(tx, model, { withDeleted: true });
      const ref = {
        model,
        version: 'version' in does ? does.version ?? 0 : 0,
      };
      const said = ref.version === 0 ? state : state.versions[ref.version - 1];
      if (!said) return;
      switch (does.does) {
        case 'describe':
        case 'tag': {
          const change =
            does.does === 'tag'
              ? { tags: { is: does.text } }
              : { description: does.text };
          Object.assign(said, change);
          if (ref.version === 0) await models.update(tx, model, change);
          else await versions.update(tx, ref, change);
          return;
        }
        case 'stage':
          if (ref.version === 0) return;
          Object.assign(said, { stage: does.stage ?? undefined });
          await versions.update(tx, ref, {
            stage: does.stage as 'Staging' | null,
          });
          return;
        case 'alias':
          await aliases.move(tx, {
            model,
            alias: does.alias,
            version: does.version,
            changedBy: 'user:default/ada',
            reason: 'Test',
          });
          if (does.version) state.aliases[does.alias] = does.version;
          else delete state.aliases[does.alias];
          return;
        case 'register':
          return;
        default: {
          said.deleted = does.does === 'delete';
          const by = said.deleted ? 'user:default/ada' : undefined;
          const isAlready = (
            await tx('models').where({ name: model }).first('deleted_at')
          ).deleted_at;
          if (ref.version > 0) await versions.setDeleted(tx, ref, by);
          else if (Boolean(isAlready) !== said.deleted) {
            await models.setDeleted(tx, model, by);
          }
        }
      }
    });
    if (does.does === 'register' && !state.deleted) {
      await register(model);
      state.versions.push({ deleted: false, description: 'new', tags: {} });
    }
  }

  function expectedOf(model: string, at: Date, state: Replayed) {
    const moment = { model, at: at.toISOString() };
    if (state.deleted) return { ...moment, state: 'deleted' };
    const pointing = Object.entries(state.aliases)
      .map(([alias, version]) => ({ alias, version }))
      .sort((one, other) => (one.alias < other.alias ? -1 : 1));
    return {
      ...moment,
      state: 'there',
      description: state.description,
      tags: state.tags,
      aliases: pointing,
      versions: state.versions
        .map(({ deleted, ...said }, index) => ({
          deleted,
          version: index + 1,
          ...said,
          aliases: pointing
            .filter(one => one.version === index + 1)
            .map(one => one.alias),
        }))
        .filter(({ deleted }) => !deleted)
        .map(({ deleted: _deleted, ...version }) => version)
        .reverse(),
    };
  }

  it('tells after any changes what replaying them until the moment gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        async steps => {
          const model = await createModel();
          const state: Replayed = {
            deleted: false,
            description: 'first',
            tags: {},
            aliases: {},
            versions: [],
          };
          for (let number = 0; number < 3; number += 1) {
            await take(model, state, { does: 'register' });
          }
          const moments = [];
          for (const one of steps) {
            moments.push({
              at: await momentNow(),
              state: structuredClone(state),
            });
            await take(model, state, one);
          }
          moments.push({ at: await momentNow(), state });
          for (const moment of moments) {
            await expect(
              reader.read({ model, at: moment.at }),
            ).resolves.toEqual(expectedOf(model, moment.at, moment.state));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('counts a change from its very millisecond on, and not the one before', async () => {
    const model = await createModel();
    await sleep(5);
    await knex.transaction(tx =>
      models.update(tx, model, { description: 'second' }),
    );
    const { valid_from } = await knex('label_history')
      .where({ model, field: 'description' })
      .orderBy('id', 'desc')
      .first();
    await sleep(5);
    const at = async (millis: number) => {
      const answer = await reader.read({ model, at: new Date(millis) });
      return answer.state === 'there' && answer.description;
    };
    await expect(at(valid_from.getTime())).resolves.toBe('second');
    await expect(at(valid_from.getTime() - 1)).resolves.toBe('first');
  });

  it('refuses what has not passed, what was not yet, and what is not known', async () => {
    const model = await createModel();
    const future = new Date(Date.now() + 60_000);
    await expect(reader.read({ model, at: future })).rejects.toThrow(
      /^at: .* has not passed: expected a moment before /,
    );
    const { valid_from: since } = await knex('label_history')
      .where({ model })
      .first();
    const before = new Date(since.getTime() - 1);
    await expect(reader.read({ model, at: before })).rejects.toThrow(
      `There was no model '${model}' at ${before.toISOString()}: it was registered at ${since.toISOString()}`,
    );
    await expect(reader.read({ model: 'nobody', at: before })).rejects.toThrow(
      "There is no model 'nobody'",
    );

    // As the migration leaves a model that was there before it.
    const old = await createModel();
    await knex.raw(
      'alter table label_history disable trigger label_history_append_only',
    );
    await knex('label_history').where({ model: old }).update({ found: true });
    await knex.raw(
      'alter table label_history enable trigger label_history_append_only',
    );
    await expect(reader.read({ model: old, at: before })).rejects.toThrow(
      /^at: what was said of the model '.*' is not known before .*, when the registry began to keep it/,
    );
  });

  it('waits for a change that has its moment and is not committed yet', async () => {
    const model = await createModel();
    let commit = () => {};
    const held = new Promise<void>(resolve => {
      commit = resolve;
    });
    let changed = () => {};
    const isChanged = new Promise<void>(resolve => {
      changed = resolve;
    });
    const change = knex.transaction(async tx => {
      await models.update(tx, model, { description: 'second' });
      changed();
      await held;
    });
    await isChanged;
    const at = await momentNow();
    const answer = reader.read({ model, at });
    const first = await Promise.race([answer, sleep(100)]);
    expect(first).toBeUndefined();
    commit();
    await change;
    await expect(answer).resolves.toMatchObject({ description: 'second' });
  });

  it('tells versions a page at a time', async () => {
    const model = await createModel();
    for (let number = 0; number < 3; number += 1) await register(model);
    const at = await momentNow();
    const numbers = [];
    let cursor: string | undefined;
    do {
      const page = await reader.read({ model, at, limit: 2, cursor });
      if (page.state === 'deleted') throw new Error('It is there');
      numbers.push(page.versions.map(({ version }) => version));
      cursor = page.nextCursor;
    } while (cursor);
    expect(numbers).toEqual([[3, 2], [1]]);
  });

  it('keeps history as it was written, and does not write what did not change', async () => {
    const model = await createModel();
    const changes = () =>
      knex('label_history').where({ model }).count().first();
    const before = await changes();
    await knex.transaction(tx =>
      models.update(tx, model, { description: 'first', title: 'New' }),
    );
    await expect(changes()).resolves.toEqual(before);
    await expect(
      knex('label_history').where({ model }).delete(),
    ).rejects.toThrow(/append-only/);
    await expect(
      knex('label_history').where({ model }).update({ value: '1' }),
    ).rejects.toThrow(/append-only/);
  });

  it('reads a few rows of ten thousand changes', async () => {
    const model = await createModel();
    for (let number = 0; number < 3; number += 1) await register(model);
    const at = await momentNow();
    await knex.raw(
      `insert into label_history (model, version, field, value, found, valid_from)
       select ?, n % 4, (array['description', 'tags'])[1 + n % 2], to_jsonb('said ' || n), false,
         now() + n * interval '1 millisecond'
       from generate_series(1, 10000) as n`,
      [model],
    );
    await knex.raw(
      `insert into alias_changes (model, alias, version, valid_from, changed_by, reason)
       select ?, 'alias-' || n % 5, 1 + n % 3, now() + n * interval '1 millisecond', 'user:default/ada', 'Test'
       from generate_series(1, 10000) as n`,
      [model],
    );
    await knex.raw('analyze label_history, alias_changes, versions, models');
    const read = await knex.transaction(async tx => {
      const rowsRead = await countRead(tx);
      await new AsOfReader({ knex: tx }).read({ model, at });
      return (await countRead(tx)) - rowsRead;
    });
    expect(read).toBeLessThan(100);
  });
});

/** Rows that were read of the histories, as far as the connection has not handed it in yet. */
async function countRead(tx: Knex): Promise<number> {
  const { rows } = await tx.raw(
    `select sum(seq_tup_read + idx_tup_fetch) as read from pg_stat_xact_user_tables
     where relname in ('label_history', 'alias_changes')`,
  );
  return Number(rows[0].read);
}
