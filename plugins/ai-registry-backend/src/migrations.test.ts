import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { resolve } from 'node:path';
import { AsOfReader } from './asOf/AsOfReader';
import { ArtifactUses } from './artifacts/ArtifactUses';
import { DesiredDeploymentStore } from './environments/DesiredDeploymentStore';
import { nextStep } from './promotion/promotion';
import { PromotionStore } from './promotion/PromotionStore';
import { VersionStore } from './versions/VersionStore';
import { migrateTestDatabase } from './__testUtils__/migrateTestDatabase';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('migrations', () => {
  it('say what every table and column is for, and can be taken back', async () => {
    const knex = await databases.init('POSTGRES_18');
    await migrateTestDatabase(knex);
    const undescribed = await knex
      .select('c.relname as table', 'a.attname as column')
      .from('pg_class as c')
      .join('pg_attribute as a', 'a.attrelid', 'c.oid')
      .whereRaw(
        `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
      )
      .whereRaw(`c.relname not like 'knex_migrations%'`)
      .whereRaw('not a.attisdropped')
      .whereRaw(
        `((a.attnum > 0 and col_description(c.oid, a.attnum) is null)
         or (a.attnum = -6 and obj_description(c.oid) is null))`,
      );
    expect(undescribed).toEqual([]);

    // What is there already goes into the partition of its month.
    const { rows: months } = await knex.raw(
      `select c.relname from pg_inherits as i join pg_class as c on c.oid = i.inhrelid
       where i.inhparent = 'audit_entries'::regclass`,
    );
    expect(months.length).toBeGreaterThanOrEqual(2);

    const directory = resolve(__dirname, '../migrations');
    await knex.migrate.rollback({ directory }, true);
    const left = await knex('pg_tables')
      .where({ schemaname: 'public' })
      .whereNot('tablename', 'like', 'knex_migrations%')
      .pluck('tablename');
    expect(left).toEqual([]);
    await migrateTestDatabase(knex);
  });

  it('keep what was there: events, evaluations, promotions, the way back', async () => {
    const knex = await databases.init('POSTGRES_18');
    const directory = resolve(__dirname, '../migrations');
    for (const name of [
      '20261101_registry.js',
      '20261123_promotion.js',
      '20261124_model_file.js',
    ]) {
      await knex.migrate.up({ directory, name } as Knex.MigratorConfig);
    }
    await knex('models').insert({
      name: 'digits',
      title: 'Digits',
      description: '',
      task: 'classification',
      owner: 'group:default/vision',
      tags: '{}',
      last_version: 2,
      created_at: new Date(),
      created_by: 'user:default/ada',
      updated_at: new Date(),
    });
    const evaluation = {
      dataset: { name: 'held out', digest: 'sha256:d', rows: 2 },
      metrics: { accuracy: 0.5 },
      primary: { name: 'accuracy', higherIsBetter: true },
    };
    for (const version of [1, 2]) {
      await knex('versions').insert({
        model: 'digits',
        version,
        description: '',
        format: 'onnx',
        digest: `sha256:${version}`,
        size_bytes: 1,
        signature: '{}',
        ...(version === 1 && {
          evaluation: JSON.stringify(evaluation),
          evaluation_per_row: [0, 1],
        }),
        tags: '{}',
        source: '{}',
        created_at: new Date('2026-01-31T23:00:00Z'),
        created_by: 'user:default/ada',
      });
    }
    const move = (version: number, previous?: number) => ({
      model: 'digits',
      alias: 'production',
      version,
      previous_version: previous ?? null,
      valid_from: new Date(),
      changed_by: 'user:default/ada',
      reason: 'Push',
    });
    await knex('alias_changes').insert([move(1), move(2, 1)]);
    await knex('environment_deployments').insert({
      environment: 'production',
      model: 'digits',
      version: 2,
      digest: 'sha256:2',
      rollout: '{}',
      commit: 'c',
      kind: 'push',
      changed_at: new Date(),
      changed_by: 'user:default/ada',
    });
    const event = { actor: 'a', action: 'b', model: 'digits' };
    await knex('events').insert([
      { ...event, at: new Date('2025-12-31T23:59:59Z') },
      {
        ...event,
        at: new Date(),
        after: { environment: 'production', promotionId: 'p1' },
      },
    ]);
    await knex('event_outbox').insert({
      announcement: {
        type: 'environment-changed',
        environment: 'dev',
        model: 'digits',
      },
    });
    const step = (name: string, status: string) => ({
      name,
      title: name,
      status,
      attempts: 1,
    });
    const gate = (id: string) => ({ id, title: id, status: 'passed' });
    const record = {
      steps: [
        'create-branch',
        'open-change-request',
        'verify-artifact-digest',
        'check-signature',
        'compare-evaluation',
        'publish-report',
      ]
        .map(name => step(name, 'done'))
        .concat(
          ['await-review', 'merge-change-request', 'apply-environment'].map(
            name => step(name, 'pending'),
          ),
        ),
      gates: ['artifact-digest', 'signature-compatible', 'evaluation'].map(
        gate,
      ),
    };
    const promotion = {
      kind: 'promotion',
      model: 'digits',
      version: 2,
      environment: 'production',
      revision: 3,
      created_at: new Date(),
      updated_at: new Date(),
    };
    await knex('promotions').insert([
      {
        ...promotion,
        id: 'open',
        phase: 'awaiting-review',
        record: JSON.stringify({
          ...record,
          revision: 3,
          state: { phase: 'awaiting-review' },
        }),
      },
      {
        ...promotion,
        id: 'done',
        phase: 'merged',
        record: JSON.stringify({
          ...record,
          revision: 3,
          state: { phase: 'merged', commit: 'c', mergedAt: 'then' },
        }),
      },
    ]);

    await migrateTestDatabase(knex);

    expect(await knex('outbox').pluck('announcement')).toEqual([
      { type: 'environment-changed', environment: 'dev', model: 'digits' },
    ]);
    expect(await knex('audit_entries').orderBy('id')).toMatchObject([
      {
        at: new Date('2025-12-31T23:59:59Z'),
        environment: null,
        subject: null,
      },
      { actor: 'a', environment: 'production', subject: 'p1' },
    ]);
    expect(await knex('audit_entries').orderBy('id').pluck('id')).toEqual([
      '1',
      '2',
    ]);
    await knex('audit_entries').insert({ ...event, at: new Date() });
    expect(await knex('audit_entries').max('id')).toEqual([{ max: '3' }]);
    await expect(knex('audit_entries').delete()).rejects.toThrow('append-only');
    expect(await new VersionStore({ knex }).get('digits', 1)).toMatchObject({
      evaluation: { ...evaluation, perRow: [0, 1] },
      servability: { state: 'not-tried' },
    });
    // A version from before there were bundles is a single file, and stays one.
    const versions = new VersionStore({ knex });
    expect((await versions.get('digits', 1)).files).toBeUndefined();
    expect(await versions.listFiles({ model: 'digits', version: 1 })).toEqual(
      [],
    );
    const uses = new ArtifactUses({ knex });
    expect(await uses.modelsOf('sha256:1')).toEqual(['digits']);
    expect(await new DesiredDeploymentStore({ knex }).list()).toMatchObject([
      { ranBefore: { version: 1, digest: 'sha256:1' } },
    ]);
    const promotions = new PromotionStore({ knex });
    const open = await promotions.get('open');
    expect(
      open.steps.map(one => (one.gate ? [one.name, one.gate] : one.name)),
    ).toEqual([
      'create-branch',
      'open-change-request',
      ['verify-artifact-digest', 'artifact-digest'],
      ['check-connection', 'connection'],
      ['try-to-load', 'servable'],
      ['check-signature', 'signature-compatible'],
      'evaluate-prompts',
      ['compare-evaluation', 'evaluation'],
      ['compare-cost', 'cost'],
      'publish-report',
      'await-review',
      'merge-change-request',
      'apply-environment',
      'await-rollout',
    ]);
    expect(nextStep(open)).toBe('check-connection');
    expect(open.gates).toHaveLength(4);
    expect(open.revision).toBe(7);
    expect((await promotions.get('done')).state).toMatchObject({
      phase: 'completed',
      completedAt: 'then',
      outcome: { kind: 'unknown' },
    });
    expect(await knex('promotion_work').pluck('promotion_id')).toEqual([
      'open',
    ]);

    for (const name of ['20261127_audit_log.js', '20261125_convergence.js']) {
      await knex.migrate.down({ directory, name } as Knex.MigratorConfig);
    }
    expect(
      await knex('versions').orderBy('version').pluck('evaluation'),
    ).toEqual([evaluation, null]);
    await expect(knex('events').delete()).rejects.toThrow('append-only');
  });

  it('mark what they find said as found, and what is said later as said', async () => {
    const knex = await databases.init('POSTGRES_18');
    await migrateTestDatabase(knex);
    const directory = resolve(__dirname, '../migrations');
    const name = '20261206_label_history.js';
    await knex.migrate.down({ directory, name } as Knex.MigratorConfig);
    await knex('models').insert({
      name: 'digits',
      external_name: 'digits',
      title: 'Digits',
      description: 'from before',
      task: 'classification',
      owner: 'group:default/vision',
      tags: '{}',
      created_at: new Date('2026-01-31T23:00:00Z'),
      created_by: 'user:default/ada',
      updated_at: new Date(),
    });
    await knex.migrate.up({ directory, name } as Knex.MigratorConfig);
    await knex('models').update({ description: 'anew', tags: '{"a":"b"}' });
    expect(
      await knex('label_history')
        .orderBy(['id'])
        .select('version', 'field', 'value', 'found')
        .whereIn('field', ['description', 'deleted_at']),
    ).toEqual([
      { version: 0, field: 'deleted_at', value: null, found: true },
      { version: 0, field: 'description', value: 'from before', found: true },
      { version: 0, field: 'description', value: 'anew', found: false },
    ]);
    const reader = new AsOfReader({ knex });
    await expect(
      reader.read({ model: 'digits', at: new Date('2026-02-01T00:00:00Z') }),
    ).rejects.toThrow(/is not known before .*, when the registry began/);
  });
});
