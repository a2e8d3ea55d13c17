import { randomUUID } from 'node:crypto';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import { PACKAGE_NAME } from './router';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const directory = resolvePackagePath(PACKAGE_NAME, 'migrations');

describe('migrations', () => {
  it('can be taken back and run again', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.latest({ directory });
    await knex.migrate.rollback({ directory }, true);
    const left = await knex('pg_tables')
      .where('schemaname', 'public')
      .whereNot('tablename', 'like', 'knex_%');
    expect(left).toEqual([]);
    await knex.migrate.latest({ directory });
  });

  it('let what had failed be tried again', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.up({ directory });
    const rollout = (
      id: number,
      toVersion: number,
      state: { phase: string } & Record<string, string>,
    ) => ({
      id: `00000000-0000-0000-0000-00000000000${id}`,
      environment: 'production',
      model: 'digits',
      to_version: toVersion,
      to_digest: `sha256:${toVersion}`,
      kind: 'promotion',
      plan: '{"strategy":"immediate","steps":[]}',
      state: JSON.stringify(state),
      commit: 'abc',
      start_split: '[]',
      history: '[]',
      started_at: new Date(id * 1_000),
    });
    const failed = { phase: 'failed', failedAt: 'then', error: 'opset 99' };
    await knex('rollouts').insert([
      rollout(1, 1, { phase: 'completed', completedAt: 'then' }),
      rollout(2, 2, failed),
      rollout(3, 3, failed),
    ]);
    await knex('deployments').insert({
      environment: 'production',
      model: 'digits',
      commit: 'abc',
      version: 3,
      salt: 's',
      split: '[{"version":1,"digest":"sha256:1","weightPercent":100}]',
      rollout_id: '00000000-0000-0000-0000-000000000003',
      updated_at: new Date(),
    });
    await knex.migrate.latest({ directory });
    const states = await knex('rollouts').orderBy('started_at').select('state');
    expect(states.map(({ state }) => state)).toEqual([
      { phase: 'completed', completedAt: 'then' },
      { phase: 'superseded', supersededAt: 'then' },
      {
        phase: 'loading',
        problem: {
          error: 'opset 99',
          since: 'then',
          attempts: 1,
          nextTryAt: 'then',
        },
      },
    ]);
    expect(await knex('deployments').first()).toMatchObject({
      proven_version: 1,
      split: [
        { version: 1, digest: 'sha256:1', weightPercent: 100 },
        { version: 3, digest: 'sha256:3', weightPercent: 0 },
      ],
    });
    for (const name of ['20261127_audit_log.js', '20261125_convergence.js']) {
      await knex.migrate.down({ directory, name });
    }
    const before = await knex('rollouts').orderBy('started_at').select('state');
    expect(before.at(-1)?.state).toEqual({ ...failed });
  });

  it('keep who changed what', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.latest({ directory });
    const step = { directory, name: '20261127_audit_log.js' };
    await knex.migrate.down(step);
    const event = { actor: 'user:default/ada' };
    const place = { environment: 'production', model: 'digits' };
    await knex('ai_inference_events').insert([
      {
        ...event,
        at: new Date('2025-10-31T12:00:00Z'),
        type: 'rollout-changed',
        subject: 'r1',
        payload: { ...place, phase: 'loading' },
      },
      {
        ...event,
        at: new Date(),
        type: 'deployment-noted',
        subject: 'production/digits',
        payload: { commit: 'abc' },
      },
      {
        ...event,
        at: new Date(),
        type: 'key-revoked',
        subject: 'k1',
        payload: { name: 'checkout', owner: 'group:default/vision' },
      },
    ]);
    const all = await knex('ai_inference_events').orderBy('id');
    await knex.migrate.up(step);
    const nothing = { owner: null, before: null, after: null };
    expect(await knex('audit_entries').orderBy('id')).toMatchObject([
      {
        ...nothing,
        ...place,
        at: new Date('2025-10-31T12:00:00Z'),
        action: 'rollout-changed',
        subject: 'r1',
        after: { phase: 'loading' },
      },
      { ...nothing, ...place, subject: null, after: { commit: 'abc' } },
      {
        ...nothing,
        model: null,
        environment: null,
        subject: 'k1',
        owner: 'group:default/vision',
        before: { name: 'checkout' },
      },
    ]);
    await knex('audit_entries').insert({ ...event, action: 'key-issued' });
    await knex.migrate.down(step);
    const kept = await knex('ai_inference_events').orderBy('id');
    expect(kept.slice(0, 3)).toEqual(all);
    expect(kept[3].type).toBe('key-issued');
  });

  it('keep what data planes said', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.latest({ directory });
    const step = { directory, name: '20261126_data_plane_models.js' };
    await knex.migrate.down(step);
    const models = [
      { model: 'digits', version: 1, digest: 'sha256:1', state: 'ready' },
      {
        model: 'digits',
        version: 2,
        digest: 'sha256:2',
        state: 'failed',
        error: 'opset 99',
      },
    ];
    await knex('data_planes').insert({
      producer: 'one',
      environment: 'production',
      public_url: 'http://one:7080',
      models: JSON.stringify(models),
      last_seen_at: new Date(),
    });
    await knex.migrate.up(step);
    const rows = await knex('data_plane_models').orderBy('version');
    expect(rows).toEqual(
      models.map(item => ({ producer: 'one', error: null, ...item })),
    );
    await knex.migrate.down(step);
    expect(await knex('data_planes').first('models')).toEqual({ models });
  });

  it('explain every table and column', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.latest({ directory });
    const { rows } = await knex.raw(
      `select c.relname || '.' || a.attname as name
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'knex_%'
         and col_description(c.oid, a.attnum) is null
       union all
       select c.relname from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
       where c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'knex_%'
         and obj_description(c.oid) is null`,
    );
    expect(rows).toEqual([]);
  });

  it('give keys from before an owner and an end', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.up({ directory });
    const row = (name: string, expiresAt?: Date) => ({
      id: knex.raw('gen_random_uuid()'),
      purpose: 'caller',
      name,
      sha256: name,
      prefix: 'gr_abc',
      models: ['*'],
      created_at: new Date('2026-05-03T12:00:00Z'),
      created_by: 'user:default/ada',
      expires_at: expiresAt,
    });
    const end = new Date('2027-05-03T12:00:00Z');
    await knex('api_keys').insert([row('endless'), row('ending', end)]);
    await knex.migrate.latest({ directory });
    const [ending, endless] = await knex('api_keys').orderBy('name');
    expect(ending).toMatchObject({
      owner: 'user:default/ada',
      expires_at: end,
    });
    const days = (endless.expires_at.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(364);
    expect(days).toBeLessThanOrEqual(366);
  });

  it('let keys from before there were scopes go on to name versions, and others not', async () => {
    const knex = await databases.init('POSTGRES_18');
    const insert = (name: string) =>
      knex('api_keys').insert({
        id: randomUUID(),
        purpose: 'caller',
        name,
        owner: 'user:default/ada',
        sha256: name,
        prefix: 'gr_',
        models: ['*'],
        created_at: new Date(),
        created_by: 'user:default/ada',
        expires_at: new Date(),
      });
    await knex.migrate.latest({ directory });
    const done = () =>
      knex('knex_migrations').where('name', '20261130_key_request_limits.js');
    while ((await done()).length > 0) {
      await knex.migrate.down({ directory });
    }
    await insert('before');
    await knex.migrate.latest({ directory });
    await insert('after');
    const scopes = await knex('api_keys').orderBy('name').pluck('scopes');
    expect(scopes).toEqual([[], ['versions']]);
  });
});
