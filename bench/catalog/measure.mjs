// @ts-check
import { createRequire } from 'node:module';
import { deploy, fillModels, modelName } from '../control-plane/fill.mjs';
import { startStack } from '../control-plane/stack.mjs';
import { Api, until } from '../promotion/api.mjs';
import { ComparisonWatch, SAYS_COMPARISONS } from './ComparisonWatch.mjs';

const { Client } = createRequire(import.meta.url)('pg');

const VERSIONS = 3;
const LOOK_MILLIS = 25;
const PATIENCE_SECONDS = 900;

/**
 * Changes models one after the other, and waits for each until the catalog shows it: half of them while
 * all models are compared with the catalog, half of them while nothing is.
 *
 * @param {{ directory: string, models: number, deployed: number, changes: number, pauseSeconds: number, say: (line: string) => void }} options
 *   `changes` is how many of either half; `pauseSeconds` lies between two comparisons
 */
export async function measureCatalog(options) {
  const { directory, pauseSeconds, say } = options;
  const stack = await startStack(directory, {
    settings: {
      ...SAYS_COMPARISONS,
      aiRegistry: { catalog: { syncIntervalSeconds: pauseSeconds } },
    },
  });
  const watch = new ComparisonWatch(stack);
  try {
    watch.start();
    const api = new Api(stack.url);
    const filledMillis = await fill({ api, stack, ...options });
    say(`The catalog has all models after ${seconds(filledMillis)}.`);
    const quiet = [];
    const busy = [];
    let changed = 0;
    while (quiet.length < options.changes) {
      await untilComparing(watch, true);
      const cost = watch.comparisons.length;
      busy.push(await change(api, changed++));
      await untilComparing(watch, false);
      // What a change costs is not what a comparison costs.
      watch.comparisons.splice(cost);
      quiet.push(await change(api, changed++));
    }
    say('Watching what a comparison costs where nothing changes ...');
    watch.comparisons.length = 0;
    await until(
      'all models are compared',
      async () => watch.comparisons.length > options.changes,
      { seconds: PATIENCE_SECONDS },
    );
    return { filledMillis, quiet, busy, comparisons: watch.comparisons };
  } finally {
    await watch.stop();
    await stack.stop();
  }
}

async function fill({ api, stack, models, deployed, say }) {
  const database = new Client({ connectionString: stack.databaseUrl });
  // It is closed by the end of the database, if something fails before.
  database.on('error', () => {});
  await database.connect();
  say(`Filling in ${models} models, ${deployed} of them deployed ...`);
  await fillModels(database, { from: 0, to: models, versions: VERSIONS });
  await database.end();
  const startedMillis = performance.now();
  await deploy(stack.repository, { from: 0, to: deployed });
  for (const [filter, count] of [
    ['kind=resource,spec.type=ai-model', models],
    ['kind=api', deployed],
  ]) {
    await until(
      `the catalog has ${count} of ${filter}`,
      async () => {
        const { totalItems } = await api.call(
          `/catalog/entities/by-query?filter=${filter}&limit=1`,
        );
        return totalItems >= count;
      },
      { seconds: PATIENCE_SECONDS, pauseMillis: 500 },
    );
  }
  return performance.now() - startedMillis;
}

/** @returns {Promise<number>} milliseconds from the answer that changed it until the catalog shows it */
async function change(api, number) {
  const name = modelName(number);
  const title = `Changed ${number}`;
  await api.call(`/ai-registry/models/${name}`, {
    method: 'PATCH',
    body: { title },
  });
  const startedMillis = performance.now();
  await until(
    `the catalog knows that ${name} has changed`,
    async () => {
      const entity = await api.call(
        `/catalog/entities/by-name/resource/default/${name}`,
      );
      return entity.metadata.title === title;
    },
    { seconds: PATIENCE_SECONDS, pauseMillis: LOOK_MILLIS },
  );
  return performance.now() - startedMillis;
}

async function untilComparing(watch, isComparing) {
  await until(
    isComparing ? 'all models are compared' : 'a comparison ends',
    async () => watch.isRunning === isComparing,
    { seconds: PATIENCE_SECONDS, pauseMillis: LOOK_MILLIS },
  );
}

function seconds(millis) {
  return `${(millis / 1_000).toFixed(0)} s`;
}
