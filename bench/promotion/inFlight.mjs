// @ts-check
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inferenceServerProgram } from '../../scripts/stack/environment.mjs';
import { deploy, fillModels, modelName } from '../control-plane/fill.mjs';
import { SimulatedDataPlane } from '../control-plane/SimulatedDataPlane.mjs';
import { startStack } from '../control-plane/stack.mjs';
import { Api, SCOPES, until } from './api.mjs';

const { Client } = createRequire(import.meta.url)('pg');

/** What all models are copies of. */
const MODEL = 'diabetes';
const SAMPLE_MILLIS = 100;
const CALLERS = 8;
const PATIENCE_SECONDS = 3_600;
const REVIEW = ['awaiting-review', 'blocked'];
const BROKEN = ['failed', 'closed', 'completed'];

/** Those that have a step to take that nobody has begun, and for how long. */
const WAITING = `
  select count(*)::integer as count,
    coalesce(max(extract(epoch from clock_timestamp() - due_at)), 0)::float8 * 1000 as longest
  from "ai-registry".promotion_work
  where due_at <= clock_timestamp() and (leased_until is null or leased_until <= clock_timestamp())`;

/**
 * Opens many promotions on one backend with the local Git host, each of a model of its own that
 * runs already, and watches how long they wait for their next step until all wait for a review.
 *
 * @param {{ directory: string, promotions: number, say: (line: string) => void }} options
 */
export async function measureInFlight({ directory, promotions, say }) {
  const stack = await startStack(path.join(directory, 'in-flight'), {
    scopes: SCOPES,
    settings: { aiRegistry: { trial: { program: inferenceServerProgram } } },
  });
  const database = new Client({ connectionString: stack.databaseUrl });
  const dataPlane = new SimulatedDataPlane(stack.url);
  // It is closed by the end of the database, if something fails before.
  database.on('error', () => {});
  try {
    await database.connect();
    const api = new Api(stack.url);
    say(`Registering and deploying ${promotions} models ...`);
    dataPlane.start();
    await prepare({ api, database, stack, promotions });
    say(`Opening ${promotions} promotions ...`);
    return await follow({ api, database, promotions, say });
  } finally {
    await database.end().catch(() => {});
    await dataPlane.stop();
    await stack.stop();
  }
}

async function prepare({ api, database, stack, promotions }) {
  await api.register(MODEL, [1]);
  const { digest, sizeBytes, signature, schema } = await api.call(
    `/ai-registry/models/${MODEL}/versions/1`,
  );
  await fillModels(database, {
    from: 0,
    to: promotions,
    versions: 2,
    file: { digest, sizeBytes, signature, schema },
  });
  await deploy(stack.repository, { from: 0, to: promotions, digest });
  await until(
    'all deployments are known',
    async () => {
      const route = '/ai-inference/deployments?limit=1';
      return (await api.call(route)).totalItems >= promotions;
    },
    { seconds: 600, pauseMillis: 500 },
  );
  await until(
    'all first versions serve',
    async () => {
      const route = '/ai-inference/deployments?limit=1&running=true';
      return (await api.call(route)).totalItems === 0;
    },
    { seconds: 600, pauseMillis: 500 },
  );
}

async function follow({ api, database, promotions, say }) {
  const started = performance.now();
  const watch = new Watch(database, say);
  const watching = watch.run();
  let next = 0;
  const open = async () => {
    while (next < promotions) {
      const model = modelName(next++);
      await api.promote({ model, version: 2 });
    }
  };
  try {
    await Promise.all(Array.from({ length: CALLERS }, open));
    const openedMillis = performance.now() - started;
    await until(
      'all promotions wait for a review',
      async () => {
        const phases = await watch.phases();
        const broken = BROKEN.find(phase => phases[phase] > 0);
        if (broken) throw new Error(`a promotion is ${broken}`);
        const arrived = REVIEW.reduce(
          (sum, phase) => sum + (phases[phase] ?? 0),
          0,
        );
        return arrived >= promotions;
      },
      { seconds: PATIENCE_SECONDS, pauseMillis: 250 },
    );
    const inReviewMillis = performance.now() - started;
    const { longestMillis, mostWaiting } = watch;
    const [{ steps }] = (
      await database.query(
        `select count(*)::integer as steps from "ai-registry".promotions,
           jsonb_array_elements(record -> 'steps') as step where step ->> 'status' = 'done'`,
      )
    ).rows;
    return { openedMillis, inReviewMillis, longestMillis, mostWaiting, steps };
  } finally {
    watch.stop();
    await watching;
  }
}

/** Looks at the work that waits, again and again. */
class Watch {
  longestMillis = 0;
  mostWaiting = 0;
  #database;
  #say;
  #isStopped = false;
  #queries = Promise.resolve();

  constructor(database, say) {
    this.#database = database;
    this.#say = say;
  }

  async run() {
    let told = performance.now();
    while (!this.#isStopped) {
      const [{ count, longest }] = await this.#query(WAITING);
      this.longestMillis = Math.max(this.longestMillis, longest);
      this.mostWaiting = Math.max(this.mostWaiting, count);
      if (performance.now() - told > 15_000) {
        told = performance.now();
        const phases = JSON.stringify(await this.phases());
        this.#say(
          `${phases}: ${count} wait, the longest ${longest.toFixed(0)} ms`,
        );
      }
      await sleep(SAMPLE_MILLIS);
    }
  }

  stop() {
    this.#isStopped = true;
  }

  /** How many promotions are in each phase. */
  async phases() {
    const rows = await this.#query(
      'select phase, count(*)::integer as count from "ai-registry".promotions group by phase',
    );
    return Object.fromEntries(rows.map(({ phase, count }) => [phase, count]));
  }

  /** One at a time: it is one connection. */
  #query(sql) {
    const asked = this.#queries.then(async () => {
      const { rows } = await this.#database.query(sql);
      return rows;
    });
    this.#queries = asked.catch(() => {});
    return asked;
  }
}
