// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { startControlPlane } from './controlPlane.mjs';
import { loadModels } from './models.mjs';
import { startServer } from './startServer.mjs';

/** Requests that arrive in a second, whether those before them are answered or not. */
const PER_SECOND = Number(process.env.PER_SECOND ?? 200);
const SECONDS = Number(process.env.SECONDS ?? 5);
const ROUNDS = Number(process.env.ROUNDS ?? 4);
const SHADOW_PERCENT = Number(process.env.SHADOW_PERCENT ?? 100);
const KEY = 'gr_bench_0123456789abcdef';

const here = name => fileURLToPath(new URL(name, import.meta.url));

/** Some milliseconds of computing a request, which whoever arrives meanwhile waits for. */
const HEAVY = {
  model: 'heavy',
  bytes: readFileSync(
    here('../../packages/inference-server/fixtures/heavy.onnx'),
  ),
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [] }],
  },
  schema: undefined,
  bodies: [
    JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }],
    }),
  ],
  perSecond: 5,
};

/**
 * Milliseconds of each request, from when it was to be sent: who is held up by another one counts that too.
 *
 * @param {string} url
 * @param {{ model: string, bodies: string[], perSecond?: number }} model
 */
async function load(url, { model, bodies, perSecond = PER_SECOND }) {
  const dispatcher = new Agent({ connections: 64 });
  const millis = [];
  const sent = [];
  const end = performance.now() + SECONDS * 1_000;
  let due = performance.now();
  for (let i = 0; due < end; i++) {
    // Arrivals by chance, as those of many callers are.
    due += (-Math.log(1 - Math.random()) * 1_000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    const since = performance.now();
    sent.push(
      request(`${url}/v2/models/${model}/infer`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}` },
        body: bodies[i % bodies.length],
        dispatcher,
      }).then(async ({ statusCode, body }) => {
        await body.text();
        if (statusCode !== 200) throw new Error(`status ${statusCode}`);
        millis.push(performance.now() - since);
      }),
    );
  }
  await Promise.all(sent);
  await dispatcher.close();
  return millis;
}

const sort = numbers => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, p) =>
  sort(numbers)[Math.min(numbers.length - 1, Math.floor(p * numbers.length))];

execFileSync(process.execPath, [
  here('../../packages/inference-server/build.mjs'),
]);
const [digits] = await loadModels();
const directory = mkdtempSync(join(tmpdir(), 'bench-shadow-'));
const sides = [];
try {
  for (const [name, shadowPercent] of /** @type {const} */ ([
    ['without', 0],
    ['with', SHADOW_PERCENT],
  ])) {
    const controlPlane = await startControlPlane({
      models: [digits, HEAVY],
      key: KEY,
      shadowPercent,
    });
    const server = await startServer(
      here('../../packages/inference-server/dist/main.cjs'),
      (port, adminPort) => ({
        GREENROOM_CONTROL_PLANE_URL: controlPlane.url,
        GREENROOM_CONTROL_PLANE_TOKEN: 'bench-token',
        GREENROOM_DATA_DIR: join(directory, name),
        GREENROOM_PORT: String(port),
        GREENROOM_ADMIN_PORT: String(adminPort),
      }),
      '/v2/health/ready',
    );
    sides.push({ name, controlPlane, server });
  }
  for (const model of [digits, HEAVY]) {
    /** @type {Map<string, number[][]>} */
    const rounds = new Map(sides.map(({ name }) => [name, []]));
    for (const { server } of sides) await load(server.url, model);
    // By turns, so that what else the machine does meets both.
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, server } of sides) {
        rounds.get(name)?.push(await load(server.url, model));
      }
    }
    await sleep(2_000);
    for (const { name, controlPlane } of sides) {
      const { made, leftOut } = controlPlane.counts().copies;
      const of = rounds.get(name) ?? [];
      // The median of the rounds: what else the machine does makes some of them slow.
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map(p =>
        quantile(
          of.map(millis => quantile(millis, p)),
          0.5,
        ).toFixed(2),
      );
      const requests = of.reduce((sum, millis) => sum + millis.length, 0);
      process.stdout.write(
        `${model.model} ${name} a shadow: ${requests} requests, p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms; so far ${made} copies, ${leftOut} left out\n`,
      );
    }
  }
} finally {
  for (const { server, controlPlane } of sides) {
    server.stop();
    controlPlane.close();
  }
  await sleep(500);
  rmSync(directory, { recursive: true, force: true });
}
