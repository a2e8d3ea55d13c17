// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { ensureMlflow } from '../../scripts/test/python.mjs';
import { startStack, TOKEN } from '../control-plane/stack.mjs';
import { cases } from './cases.mjs';
import { judge } from './judge.mjs';
import { load } from './load.mjs';
import { startMlflow } from './mlflowServer.mjs';
import { Side } from './Side.mjs';

const { Client } = createRequire(import.meta.url)('pg');

const read = (name, fallback) => Number(process.env[name] ?? fallback);
const USERS = read('USERS', 20);
const SECONDS = read('SECONDS', 10);
const SIZE = {
  runs: read('RUNS', 500),
  points: read('POINTS', 5_000),
  versions: read('VERSIONS', 100),
};
const SCOPES = [
  'ai-training.experiment.read',
  'ai-training.experiment.create',
  'ai-training.experiment.update',
  'ai-training.run.write',
  'ai-registry.model.create',
].map(permission => ({ permission }));

const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-tracking-'));
const stops = [() => rmSync(directory, { recursive: true, force: true })];
let code = 1;
try {
  const stack = await startStack(directory, { scopes: SCOPES });
  stops.unshift(() => stack.stop());
  const ours = new Side({
    name: 'Greenroom',
    url: `${stack.url}/api/ai-training/mlflow`,
    token: TOKEN,
    users: USERS,
  });
  const theirs = await startTheirs(stack.databaseUrl);
  const only = process.env.CASES && new RegExp(process.env.CASES);
  const measured = [];
  for (const { name, prepare } of cases) {
    if (only && !only.test(name)) continue;
    const answered = [];
    for (const side of [ours, theirs]) {
      if (!side) continue;
      const mark = `bench-${Date.now()}`;
      const next = await prepare(side, { ...SIZE, mark });
      // What is compiled and cached first is not what users wait for.
      await load(side, next, { users: USERS, seconds: SECONDS / 5 });
      answered.push(await load(side, next, { users: USERS, seconds: SECONDS }));
    }
    measured.push({ name, ours: answered[0], theirs: answered[1] });
    console.log(
      `${name}: ${answered
        .map(({ perSecond }) => `${Math.round(perSecond)} a second`)
        .join(', MLflow ')}`,
    );
  }
  const { rows, broken } = judge(measured);
  console.table(rows);
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`);
  code = broken.length > 0 ? 1 : 0;
} finally {
  for (const stop of stops) await stop();
}
process.exit(code);

/** In a database of its own on the same server; undefined where it is not wanted. */
async function startTheirs(databaseUrl) {
  if (process.env.ALONE) return undefined;
  const python = await ensureMlflow();
  if (!python)
    throw new Error("MLflow's server needs Python 3: or set ALONE=1");
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create database mlflow');
  await client.end();
  const url = new URL(databaseUrl);
  url.pathname = '/mlflow';
  const mlflow = await startMlflow({
    python,
    databaseUrl: url.href,
    directory: path.join(directory, 'mlflow'),
  });
  stops.unshift(mlflow.stop);
  return new Side({ name: 'MLflow', url: mlflow.url, users: USERS });
}
