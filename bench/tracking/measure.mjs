// @ts-check
import path from 'node:path';
import { createRequire } from 'node:module';
import { ensureMlflow } from '../../scripts/test/python.mjs';
import { startStack, TOKEN } from '../control-plane/stack.mjs';
import { measureArtifact } from './artifact.mjs';
import { cases, makeVersions } from './cases.mjs';
import { fill } from './fill.mjs';
import { load } from './load.mjs';
import { startMlflow } from './mlflowServer.mjs';
import { Side } from './Side.mjs';

const { Client } = createRequire(import.meta.url)('pg');

const SCOPES = [
  'ai-training.experiment.read',
  'ai-training.experiment.create',
  'ai-training.experiment.update',
  'ai-training.run.write',
  'ai-registry.model.create',
].map(permission => ({ permission }));

/**
 * Each case at this and at MLflow's own server, by turns, over one PostgreSQL.
 *
 * @param {{ directory: string, users: number, seconds: number, size: { runs: number, points: number, versions: number }, only?: RegExp, isAlone?: boolean, full?: { runs: number, points: number, versions: number }, artifactMib?: number, say: (line: string) => void }} options
 *   `isAlone` leaves MLflow's server out; `full` is what the store is filled with before ours are asked once more;
 *   `artifactMib` is the size of the large file, 0 for none
 * @returns {Promise<{ measured: import('./judge.mjs').Measured[], artifact?: Awaited<ReturnType<typeof measureArtifact>> }>}
 */
export async function measureTracking({
  directory,
  users,
  seconds,
  size,
  only = /./,
  isAlone = false,
  full,
  artifactMib = 0,
  say,
}) {
  const stack = await startStack(directory, { scopes: SCOPES });
  /** @type {(() => unknown)[]} */
  const stops = [() => stack.stop()];
  try {
    const sides = [
      new Side({
        name: 'Greenroom',
        url: `${stack.url}/api/ai-training/mlflow`,
        token: TOKEN,
        users,
      }),
    ];
    if (!isAlone) {
      const mlflow = await startTheirs(stack.databaseUrl, directory);
      stops.unshift(mlflow.stop);
      sides.push(new Side({ name: 'MLflow', url: mlflow.url, users }));
    }
    stops.unshift(() => sides.forEach(side => side.close()));
    const measured = await measureCases(sides, {
      users,
      seconds,
      size,
      only,
      say,
    });
    if (full) {
      // Copies need something to be copied of.
      await makeVersions(sides[0], `bench-${Date.now()}`, 'filled-of', 1);
      await fill(stack.databaseUrl, { ...full, say });
      const filled = await measureCases(sides.slice(0, 1), {
        users,
        seconds,
        size,
        only,
        say,
      });
      filled.forEach(({ ours }, index) => (measured[index].filled = ours));
    }
    if (artifactMib === 0) return { measured };
    const artifact = await measureArtifact({
      url: `${stack.url}/api/ai-training/mlflow`,
      token: TOKEN,
      api: sides[0],
      pid: Number(stack.pids.controlPlane),
      directory,
      mib: artifactMib,
    });
    return { measured, artifact };
  } finally {
    for (const stop of stops) await stop();
  }
}

/** @returns {Promise<import('./judge.mjs').Measured[]>} */
async function measureCases(sides, { users, seconds, size, only, say }) {
  const measured = [];
  for (const { name, prepare } of cases) {
    if (!only.test(name)) continue;
    const answered = [];
    for (const side of sides) {
      const mark = `bench-${Date.now()}`;
      const next = await prepare(side, { ...size, mark });
      // What is compiled and cached first is not what users wait for.
      await load(side, next, { users, seconds: seconds / 5 });
      answered.push(await load(side, next, { users, seconds }));
    }
    const [ours, theirs] = answered;
    measured.push({ name, ours, theirs });
    say(
      `${name}: ${answered
        .map(({ perSecond }) => `${Math.round(perSecond)} a second`)
        .join(', MLflow ')}`,
    );
  }
  return measured;
}

/** In a database of its own on the same server. */
async function startTheirs(databaseUrl, directory) {
  const python = await ensureMlflow();
  if (!python) {
    throw new Error("MLflow's server needs Python 3: or set ALONE=1");
  }
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create database mlflow');
  await client.end();
  const url = new URL(databaseUrl);
  url.pathname = '/mlflow';
  return startMlflow({
    python,
    databaseUrl: url.href,
    directory: path.join(directory, 'mlflow'),
  });
}
