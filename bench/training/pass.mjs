// @ts-check
import knexFactory from 'knex';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { loadParts } from '../lib/loadParts.mjs';

// Migrations are written with what is TypeScript in this repository.
createRequire(import.meta.url)('@backstage/cli-node/config/nodeTransform.cjs');

const TEAMS = 20;
const RUNNING = 200;
const BACKEND = 'cluster';
const FLAVOR = 'gpu';

/**
 * How long a look of the control plane at all jobs takes, with real PostgreSQL and a cluster that answers at once and has no
 * room: in milliseconds by the clock, and of this process's processor time.
 *
 * @param {{ queued: number, passes: number, say: (line: string) => void }} options
 * @returns {Promise<{ queued: number, first: Pass, quiet: Pass[] }>} `first` tells each job why it waits, `quiet` have nothing to
 *   tell
 *
 * @typedef {{ millis: number, cpuMillis: number }} Pass
 */
export async function measurePasses({ queued, passes, say }) {
  const parts = await loadParts('bench/training/parts.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-training-'));
  // The database server may run as another user.
  chmodSync(folder, 0o755);
  const server = await startPostgres({
    directory: folder,
    port: await findFreePort(),
    password: 'bench',
    durable: false,
  });
  const knex = knexFactory({ client: 'pg', connection: server.url });
  try {
    await knex.migrate.latest({
      directory: path.join(root, 'plugins/ai-training-backend/migrations'),
    });
    const running = await fill(knex, queued);
    say(`${queued} jobs wait, and ${RUNNING} run.`);
    const reconciler = createReconciler({ parts, knex, running });
    const pass = async () => {
      const cpu = process.cpuUsage();
      const begun = performance.now();
      await reconciler.run(new AbortController().signal);
      const millis = performance.now() - begun;
      const { user, system } = process.cpuUsage(cpu);
      return { millis, cpuMillis: (user + system) / 1_000 };
    };
    const first = await pass();
    const quiet = [];
    for (let at = 0; at < passes; at++) quiet.push(await pass());
    const [{ told }] = await knex('training_jobs')
      .where({ phase: 'queued' })
      .whereRaw(`state->'reason'->>'kind' <> 'new'`)
      .count({ told: '*' });
    if (Number(told) !== queued) {
      throw new Error(`${told} of ${queued} jobs know why they wait`);
    }
    return { queued, first, quiet };
  } finally {
    await knex.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<{ job: string, number: number }[]>} the attempts that run */
async function fill(knex, queued) {
  const [{ id: experiment }] = await knex('experiments')
    .insert({
      name: 'bench',
      owner: 'group:default/bench',
      created_by: 'user:default/bench',
    })
    .returning('id');
  const run = randomUUID().replaceAll('-', '');
  await knex('runs').insert({
    run_id: run,
    experiment,
    name: 'bench',
    status: 'SCHEDULED',
    created_by: 'user:default/bench',
    user_id: 'bench',
  });
  const insert = (count, state) =>
    knex.raw(
      `insert into training_jobs (id, run_id, experiment, name, template, spec, revision, source_digest, parameters, datasets,
         resources, priority, deadline_minutes, team, backend, state, submitted_by, submitted_at)
       select gen_random_uuid(), :run, :experiment, 'bench', 'bench', '{"retries": 2}', 'main', 'sha256:1', '{}', '[]',
         jsonb_build_object('flavor', :flavor::text, 'count', 1, 'nodes', 1), 'normal', 600, 'group:default/t' || n % :teams,
         :backend, :state, 'user:default/bench', clock_timestamp() - n % 600 * interval '1 second'
       from generate_series(1, :count) as n returning id`,
      {
        run,
        experiment,
        count,
        flavor: FLAVOR,
        teams: TEAMS,
        backend: BACKEND,
        state: JSON.stringify(state),
      },
    );
  const since = new Date().toISOString();
  const { rows } = await insert(RUNNING, { phase: 'running', since });
  await insert(queued, { phase: 'queued', since, reason: { kind: 'new' } });
  await knex('training_attempts').insert(
    rows.map(({ id }) => ({
      job: id,
      number: 1,
      backend: BACKEND,
      flavor: FLAVOR,
      units: 1,
      running_at: knex.fn.now(),
    })),
  );
  await knex.raw('analyze');
  return rows.map(({ id }) => ({ job: id, number: 1 }));
}

function createReconciler({ parts, knex, running }) {
  const { JobReconciler, JobStore, Lead, DEFAULT_QUEUE_SETTINGS } = parts;
  const jobs = new JobStore({ knex });
  const startedAt = new Date().toISOString();
  const backend = {
    name: BACKEND,
    defaultFlavor: FLAVOR,
    observe: async () =>
      running.map(id => ({ ...id, state: { phase: 'running', startedAt } })),
    capacity: async () => new Map([[FLAVOR, RUNNING]]),
    close: async () => {},
  };
  const notAsked = name => () => {
    throw new Error(`${name} is not asked: nothing starts or ends`);
  };
  return new JobReconciler({
    lead: new Lead({ knex, name: 'training-jobs' }),
    jobs,
    backends: new Map([[BACKEND, backend]]),
    wanted: { describe: notAsked('wanted'), priceOf: notAsked('wanted') },
    tokens: { renew: async () => {}, lend: notAsked('tokens') },
    logs: { keep: notAsked('logs') },
    budgets: { look: async () => () => undefined },
    usage: { take() {} },
    quotas: [],
    queue: DEFAULT_QUEUE_SETTINGS,
    runs: {},
    experiments: {},
    notices: {},
    changes: { transaction: notAsked('changes') },
    keepCheckpointsMillis: 1e9,
    logger: { warn: line => console.warn(line) },
  });
}
