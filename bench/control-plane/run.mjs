// @ts-check
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deploy, fillKeys, fillModels, modelName } from './fill.mjs';
import {
  judge,
  MAX_CATALOG_CHANGE_MILLIS,
  MAX_CATALOG_MILLIS,
  MAX_LATENCY_MILLIS,
  median,
} from './judge.mjs';
import { SimulatedDataPlane } from './SimulatedDataPlane.mjs';
import { DATA_PLANE_TOKEN, startStack, TOKEN } from './stack.mjs';

const { Client } = createRequire(import.meta.url)('pg');

const read = (name, fallback) => Number(process.env[name] ?? fallback);
const FEW_MODELS = read('FEW_MODELS', 100);
const MODELS = read('MODELS', 10_000);
const VERSIONS = read('VERSIONS', 30);
const DEPLOYED = read('DEPLOYED', 1_000);
const KEYS = read('KEYS', 10_000);
const DATA_PLANES = read('DATA_PLANES', 20);
const ROUNDS = read('ROUNDS', 15);
const KEYS_TRIED = read('KEYS_TRIED', 10);
const CHANGES_TRIED = read('CHANGES_TRIED', 20);
const DEPLOY_MILLIS = 600_000;

const first = modelName(0);
const now = () => new Date();
/** @type {[page: string, route: () => string][]} */
const PAGES = [
  ['models', () => '/ai-registry/models'],
  ['models, searched', () => '/ai-registry/models?search=model-0000'],
  ['versions of a model', () => `/ai-registry/models/${first}/versions`],
  ['alias history', () => `/ai-registry/models/${first}/alias-history`],
  ['promotions', () => '/ai-registry/promotions'],
  ['deployments', () => '/ai-inference/deployments'],
  ['rollouts', () => '/ai-inference/rollouts'],
  ['keys', () => '/ai-inference/keys'],
  ['health', () => '/ai-monitoring/health'],
  // Does not depend on how much there is: what it takes longer is other work on the machine.
  ['record stream', () => '/ai-monitoring/ingest'],
  [
    'traffic of a model',
    () => {
      const range = new URLSearchParams({
        from: new Date(Date.now() - 3_600_000).toISOString(),
        to: now().toISOString(),
      });
      return `/ai-monitoring/environments/production/models/${first}/traffic?${range}`;
    },
  ],
];

const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-control-plane-'));
let stack;
let failed = true;
const dataPlanes = [];
try {
  console.log('Starting a database and a control plane ...');
  stack = await startStack(directory);
  failed = !(await measure(stack));
} finally {
  await Promise.all(dataPlanes.map(each => each.stop()));
  await stack?.stop();
  if (failed) console.error(`The logs are in ${directory}.`);
  else rmSync(directory, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

async function measure({ url, databaseUrl, repository }) {
  const database = new Client({ connectionString: databaseUrl });
  // It is closed by the end of the database, if something fails before.
  database.on('error', () => {});
  await database.connect();
  const few = Math.min(FEW_MODELS, DEPLOYED);
  console.log(`Filling in ${FEW_MODELS} models ...`);
  await fillModels(database, { from: 0, to: FEW_MODELS, versions: VERSIONS });
  await deploy(repository, { from: 0, to: few });
  await fillKeys(database, few);
  await untilDeployed(url, few);
  for (let started = 0; started < DATA_PLANES; started++) {
    const dataPlane = new SimulatedDataPlane(url);
    dataPlane.start();
    dataPlanes.push(dataPlane);
  }
  await untilServing(url);
  const small = await timePages(url);

  console.log(
    `Filling in ${MODELS} models with ${VERSIONS} versions each, ${DEPLOYED} of them deployed, and ${KEYS} keys ...`,
  );
  await fillModels(database, {
    from: FEW_MODELS,
    to: MODELS,
    versions: VERSIONS,
  });
  const filledMillis = performance.now();
  await fillKeys(database, KEYS - few);
  await deploy(repository, { from: few, to: DEPLOYED });
  await database.query('analyze');
  await database.end();
  const deployedMillis = await untilDeployed(url, DEPLOYED);
  console.log(
    `All deployments are known after ${(deployedMillis / 1000).toFixed(0)} s.`,
  );
  await until(
    () =>
      dataPlanes.every(
        ({ keys, models }) => keys >= KEYS && models >= DEPLOYED,
      ),
    'each data plane has its documents',
  );
  await untilServing(url);
  await until(
    async () => (await countEntities(url)) >= MODELS,
    `${MODELS} models are in the catalog`,
  );
  const catalogMillis = performance.now() - filledMillis;
  const large = await timePages(url);
  const pollMillis = await timePolls(url);
  const latencies = [
    ...(await timeKeys(url)),
    {
      what: 'the catalog holds all models',
      millis: [catalogMillis],
      maxMillis: MAX_CATALOG_MILLIS,
    },
    {
      what: 'a change of a model is in the catalog',
      millis: await timeCatalogChanges(url),
      maxMillis: MAX_CATALOG_CHANGE_MILLIS,
    },
  ];

  const pages = PAGES.map(([page]) => ({
    page,
    smallMillis: small.get(page),
    largeMillis: large.get(page),
  }));
  const { rows, broken } = judge({ pages, latencies });
  console.table(rows);
  console.log(
    `a question of a data plane without news: ${pollMillis.toFixed(1)} ms`,
  );
  for (const { what, millis } of latencies) {
    console.log(
      `${what}: ${median(millis).toFixed(0)} ms in the middle, ${Math.max(
        ...millis,
      ).toFixed(0)} ms at most`,
    );
  }
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  return broken.length === 0;
}

/**
 * @param {string} url
 * @param {string} route
 * @param {{ method?: string, body?: object, token?: string }} options
 */
async function call(url, route, { method = 'GET', body, token = TOKEN } = {}) {
  const response = await fetch(`${url}/api${route}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok && response.status !== 304) {
    throw new Error(`${route}: ${response.status} ${text.slice(0, 500)}`);
  }
  return text === '' ? undefined : JSON.parse(text);
}

async function timed(work) {
  const startedMillis = performance.now();
  await work();
  return performance.now() - startedMillis;
}

async function timePages(url) {
  /** @type {Map<string, number[]>} */
  const times = new Map(PAGES.map(([page]) => [page, []]));
  // Taken in turns, so that what else happens on the machine hits all alike.
  for (let round = -2; round < ROUNDS; round++) {
    for (const [page, route] of PAGES) {
      const millis = await timed(() => call(url, route()));
      if (round >= 0) times.get(page)?.push(millis);
    }
  }
  return new Map([...times].map(([page, millis]) => [page, median(millis)]));
}

async function timePolls(url) {
  const { cursor } = dataPlanes[0];
  const route = `/ai-inference/environments/production/access?since=${cursor}`;
  const millis = [];
  for (let round = 0; round < 50; round++) {
    millis.push(
      await timed(() => call(url, route, { token: DATA_PLANE_TOKEN })),
    );
  }
  return median(millis);
}

async function timeKeys(url) {
  const usable = [];
  const revoked = [];
  for (let tried = 0; tried < KEYS_TRIED; tried++) {
    const { id } = await call(url, '/ai-inference/keys', {
      method: 'POST',
      body: { name: 'bench', models: [first] },
    });
    usable.push(await timed(() => allKnow(id, true)));
    await call(url, `/ai-inference/keys/${id}/revoke`, {
      method: 'POST',
      body: {},
    });
    revoked.push(await timed(() => allKnow(id, false)));
    await sleep(300);
  }
  return [
    {
      what: `a key is usable on all ${DATA_PLANES} data planes`,
      millis: usable,
      maxMillis: MAX_LATENCY_MILLIS,
    },
    {
      what: `a revocation is in force on all ${DATA_PLANES} data planes`,
      millis: revoked,
      maxMillis: MAX_LATENCY_MILLIS,
    },
  ];
}

async function countEntities(url) {
  const { totalItems } = await call(
    url,
    '/catalog/entities/by-query?filter=kind=resource,spec.type=ai-model&limit=1',
  );
  return totalItems;
}

/** Over longer than all models are compared with the catalog once, which must not hold up a change. */
async function timeCatalogChanges(url) {
  const millis = [];
  for (let tried = 0; tried < CHANGES_TRIED; tried++) {
    const name = modelName(tried);
    const title = `Changed ${tried}`;
    const entity = `/catalog/entities/by-name/resource/default/${name}`;
    await call(url, `/ai-registry/models/${name}`, {
      method: 'PATCH',
      body: { title },
    });
    millis.push(
      await timed(() =>
        until(
          async () => (await call(url, entity)).metadata.title === title,
          `the catalog knows that ${name} has changed`,
          100,
        ),
      ),
    );
    await sleep(3_000);
  }
  return millis;
}

function allKnow(id, isKnown) {
  return Promise.all(dataPlanes.map(each => each.until(id, isKnown)));
}

async function untilDeployed(url, count) {
  return timed(() =>
    until(async () => {
      const { totalItems } = await call(
        url,
        '/ai-inference/deployments?limit=1',
      );
      return totalItems >= count;
    }, `${count} deployments are known`),
  );
}

/** No rollout is under way any more, so that lists are read on a quiet control plane. */
async function untilServing(url) {
  await until(async () => {
    const { totalItems } = await call(
      url,
      '/ai-inference/deployments?limit=1&running=true',
    );
    return totalItems === 0;
  }, 'all rollouts are completed');
}

async function until(condition, what, pauseMillis = 500) {
  const end = Date.now() + DEPLOY_MILLIS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not happen that ${what}`);
    await sleep(pauseMillis);
  }
}
