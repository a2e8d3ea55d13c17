// @ts-check
import { createRequire } from 'node:module';

const { Client } = createRequire(import.meta.url)('pg');

const RUNS_OF_EXPERIMENT = 1_000;
const VERSIONS_OF_MODEL = 100;
const KEYS = 10;

/**
 * Puts into the store what others have in it who have used it for years: with SQL, since the API would take hours.
 *
 * Runs have ten params, ten metrics and five tags each, of which one has few values and one a value of its own.
 *
 * @param {string} databaseUrl
 * @param {{ runs: number, points: number, versions: number, say?: (line: string) => void }} size - `points` of all
 *   metrics together; a model with a version must be there, of which the others are copies
 */
export async function fill(databaseUrl, { runs, points, versions, say }) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    /** @type {[string, string, number[]][]} */
    const steps = [
      ['experiments', EXPERIMENTS, [Math.ceil(runs / RUNS_OF_EXPERIMENT)]],
      ['runs', RUNS, [runs, RUNS_OF_EXPERIMENT]],
      ['params', PARAMS, [KEYS]],
      ['tags', TAGS, []],
      ['latest metrics', LATEST, [KEYS, Math.ceil(points / runs / KEYS)]],
      ['points', POINTS, [KEYS, Math.ceil(points / runs / KEYS)]],
      ['models', MODELS, [Math.ceil(versions / VERSIONS_OF_MODEL)]],
      ['versions', VERSIONS, [versions, VERSIONS_OF_MODEL]],
      ['files of versions', FILES, []],
    ];
    for (const [what, sql, values] of steps) {
      const start = performance.now();
      const { rowCount } = await client.query(
        await withColumns(client, sql),
        values,
      );
      // As autovacuum does it: without, what refers to these rows is checked by reading all of them.
      await client.query('analyze');
      const seconds = Math.round((performance.now() - start) / 1_000);
      say?.(`filled: ${rowCount} ${what} in ${seconds} s`);
    }
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/**
 * Names the columns of a row that is a copy of one that the API made: all but those that the database makes itself.
 *
 * @param {import('pg').Client} client
 * @param {string} sql - `COLUMNS` and `COLUMNS_OF_ROW` stand for the columns
 */
async function withColumns(client, sql) {
  const table = /"ai-registry"\.(\w+) \(COLUMNS\)/.exec(sql)?.[1];
  if (table === undefined) return sql;
  const { rows } = await client.query(
    `select quote_ident(column_name) as name from information_schema.columns
     where table_schema = 'ai-registry' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
    [table],
  );
  const names = rows.map(({ name }) => name);
  return sql
    .replace('(COLUMNS)', `(${names.join(', ')})`)
    .replace('COLUMNS_OF_ROW', names.map(name => `made.${name}`).join(', '));
}

const EXPERIMENTS = `
  insert into "ai-training".experiments (name, owner, created_by)
  select 'filled-' || lpad(n::text, 6, '0'), 'group:default/bench', 'service:bench'
  from generate_series(1, $1::int) n`;

const RUNS = `
  insert into "ai-training".runs (run_id, experiment, name, user_id, status, started_at, ended_at, created_by)
  select md5('filled' || n), e.id, 'filled-' || n, 'user-' || n % 50,
    case when n % 20 = 0 then 'FAILED' else 'FINISHED' end,
    1700000000000 + n * 60000::bigint, 1700000000000 + n * 60000::bigint + 30000, 'service:bench'
  from generate_series(0, $1::int - 1) n
  join "ai-training".experiments e on e.name = 'filled-' || lpad((n / $2::int + 1)::text, 6, '0')`;

const PARAMS = `
  insert into "ai-training".run_params (run, key, value)
  select r.id, 'param-' || k, ((r.id * 7 + k) % 10)::text
  from "ai-training".runs r, generate_series(0, $1::int - 1) k where r.name like 'filled-%'`;

const TAGS = `
  insert into "ai-training".run_tags (run, key, value)
  select r.id, t.key, t.value from "ai-training".runs r, lateral (values
    ('mlflow.runName', r.name), ('mlflow.user', r.user_id), ('group', (r.id % 5)::text),
    ('commit', md5(r.run_id)), ('host', 'host-' || r.id % 20)) as t (key, value)
  where r.name like 'filled-%'`;

const LATEST = `
  insert into "ai-training".latest_metrics (run, key, step, at, value)
  select r.id, 'metric-' || k, $2::int - 1, r.started_at + 20000, sin(r.id + k)
  from "ai-training".runs r, generate_series(0, $1::int - 1) k where r.name like 'filled-%'`;

const POINTS = `
  insert into "ai-training".metric_points (run, key, step, at, value)
  select r.id, 'metric-' || k, s, r.started_at + s * 100, sin(r.id + k + s)
  from "ai-training".runs r, generate_series(0, $1::int - 1) k, generate_series(0, $2::int - 1) s
  where r.name like 'filled-%'`;

const MODELS = `
  insert into "ai-registry".models (COLUMNS)
  select COLUMNS_OF_ROW
  from (select * from "ai-registry".models where last_version > 0 order by name limit 1) m,
    generate_series(1, $1::int) n,
    jsonb_populate_record(null::"ai-registry".models, to_jsonb(m) || jsonb_build_object(
      'name', 'filled-' || n, 'external_name', 'filled-' || n, 'last_version', 0)) as made`;

const VERSIONS = `
  with made as (
    insert into "ai-registry".versions (COLUMNS)
    select COLUMNS_OF_ROW
    from (select * from "ai-registry".versions where model not like 'filled-%' order by model, version limit 1) v,
      generate_series(0, $1::int - 1) n,
      jsonb_populate_record(null::"ai-registry".versions, to_jsonb(v) || jsonb_build_object(
        'model', 'filled-' || n / $2::int + 1, 'version', n % $2::int + 1)) as made
    returning model, version
  )
  update "ai-registry".models m set last_version = newest.version
  from (select model, max(version) as version from made group by model) newest where m.name = newest.model`;

const FILES = `
  insert into "ai-registry".version_files (model, version, path, digest, size_bytes)
  select v.model, v.version, f.path, f.digest, f.size_bytes
  from "ai-registry".versions v, (
    select f.* from "ai-registry".version_files f join "ai-registry".versions o using (model, version)
    where f.model not like 'filled-%' order by f.model, f.version limit 1) f
  where v.model like 'filled-%'`;
