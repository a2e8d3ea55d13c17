// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from './controlPlane.mjs';
import { loadModels } from './models.mjs';
import { startServer } from './startServer.mjs';

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 64);
const SECONDS = Number(process.env.SECONDS ?? 6);
const WARM_UP_SECONDS = 2;
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** Share of requests for a second version, as during a rollout. */
const CANARY_PERCENT = Number(process.env.CANARY_PERCENT ?? 0);
const KEY = 'gr_bench_0123456789abcdef';

const here = name => fileURLToPath(new URL(name, import.meta.url));
const serverFile = here('../../packages/inference-server/dist/main.cjs');

async function cpuMicros(metricsUrl) {
  const text = await (await fetch(metricsUrl)).text();
  const [, seconds] = /^process_cpu_seconds_total (\S+)$/m.exec(text) ?? [];
  return Number(seconds) * 1e6;
}

async function runLoad(options) {
  const child = spawn(process.execPath, [here('load.mjs')], {
    env: { ...process.env, LOAD: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  return JSON.parse(output);
}

async function measure({ url, metricsUrl }, { model, bodies }) {
  const options = {
    url: `${url}/v2/models/${model}/infer`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${KEY}`,
    },
    bodies,
    connections: CONNECTIONS,
  };
  await runLoad({ ...options, seconds: WARM_UP_SECONDS });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await cpuMicros(metricsUrl);
    const result = await runLoad({ ...options, seconds: SECONDS });
    const cpu = (await cpuMicros(metricsUrl)) - before;
    rounds.push({
      perSecond: Math.round(result.requests / result.seconds),
      cpuMicros: cpu / result.requests,
      p50: result.p50,
      p99: result.p99,
      failed: result.failed,
    });
  }
  // The least disturbed round: other work on the machine only ever adds CPU time.
  return rounds.sort((a, b) => a.cpuMicros - b.cpuMicros)[0];
}

function print(rows) {
  const line = cells =>
    cells
      .map((cell, i) =>
        i < 2 ? String(cell).padEnd(18) : String(cell).padStart(12),
      )
      .join('');
  process.stdout.write(
    `${line([
      'model',
      'server',
      'req/s',
      'CPU us/req',
      'p50 ms',
      'p99 ms',
      'failed',
    ])}\n`,
  );
  for (const { model, server, result } of rows) {
    process.stdout.write(
      `${line([
        model,
        server,
        result.perSecond,
        result.cpuMicros.toFixed(1),
        result.p50,
        result.p99,
        result.failed,
      ])}\n`,
    );
  }
}

execFileSync(process.execPath, [
  here('../../packages/inference-server/build.mjs'),
]);
const models = await loadModels();
const controlPlane = await startControlPlane({
  models,
  key: KEY,
  canaryPercent: CANARY_PERCENT,
});
const directory = mkdtempSync(join(tmpdir(), 'bench-infer-'));
const started = [];
try {
  const servers = {
    greenroom: await startServer(
      serverFile,
      (port, adminPort) => ({
        GREENROOM_CONTROL_PLANE_URL: controlPlane.url,
        GREENROOM_CONTROL_PLANE_TOKEN: 'bench-token',
        GREENROOM_DATA_DIR: directory,
        GREENROOM_PORT: String(port),
        GREENROOM_ADMIN_PORT: String(adminPort),
      }),
      '/v2/health/ready',
    ),
    echo: await startServer(
      here('echoServer.mjs'),
      port => ({ PORT: String(port) }),
      '/metrics',
    ),
    fastify: await startServer(
      here('fastifyServer.mjs'),
      port => ({
        PORT: String(port),
        MODELS: JSON.stringify(
          models.map(({ model, file }) => ({ model, file })),
        ),
      }),
      '/metrics',
    ),
  };
  started.push(...Object.values(servers));
  process.stdout.write(
    `Node ${process.version}, ${
      cpus()[0].model
    }, ${availableParallelism()} CPUs, load ${loadavg()[0].toFixed(
      1,
    )}; ${CONNECTIONS} connections, best of ${ROUNDS} x ${SECONDS} s\n`,
  );
  const rows = [];
  for (const model of models) {
    for (const [server, where] of Object.entries(servers)) {
      rows.push({
        model: model.model,
        server,
        result: await measure(where, model),
      });
    }
  }
  print(rows);
  for (const { model } of models) {
    const of = server =>
      rows.find(row => row.model === model && row.server === server).result;
    const share = (a, b) => `${((100 * a) / b).toFixed(0)} %`;
    process.stdout.write(
      `${model}: ${share(
        of('greenroom').perSecond,
        of('echo').perSecond,
      )} of the echo's throughput (${share(
        of('echo').cpuMicros,
        of('greenroom').cpuMicros,
      )} by CPU), ${(
        of('greenroom').perSecond / of('fastify').perSecond
      ).toFixed(2)} times Fastify's (${(
        of('fastify').cpuMicros / of('greenroom').cpuMicros
      ).toFixed(2)} by CPU)\n`,
    );
  }
  const { records, samples } = controlPlane.counts();
  process.stdout.write(
    `records that arrived at the control plane: ${records}, with ${samples} sampled rows\n`,
  );
} finally {
  for (const server of started) server.stop();
  controlPlane.close();
  await sleep(500);
  rmSync(directory, { recursive: true, force: true });
}
