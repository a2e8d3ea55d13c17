// @ts-check
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { describeMachine, here, KEY, say, Stage, table } from './sides.mjs';

const SOURCE = here('../../packages/inference-server/src');
/** What of the data plane is measured by itself, without HTTP and without a model. */
const EXPORTS = `
export { KeyGuard } from './guardrails/KeyGuard';
export { KeyedAdmission } from './guardrails/KeyedAdmission';
export { RequestBudgets } from './guardrails/RequestBudgets';
export { Room } from './guardrails/Room';
export { TokenBudgets } from './guardrails/TokenBudgets';
export { TargetParser } from './http/parseTarget';
export { DataPlane } from './domain/DataPlane';
export { ServedRoute } from './domain/ServedRoute';
export { ServingTable } from './domain/ServingTable';
export { TensorVersion } from './domain/ServedVersion';
export { VersionStatistics } from './domain/VersionStatistics';
export { Metrics } from './telemetry/Metrics';
export { RecordBuffer } from './telemetry/RecordBuffer';
export { BatchingRunner } from './runners/BatchingRunner';
export { LimitedRunner } from './runners/LimitedRunner';
export { CostModel } from './runners/cost/CostModel';
export { decideFlush } from './runners/decideFlush';
`;
/** The most that each part may take of the serving thread. */
const MOST_MICROS = 5;
const MODEL = 'digits';
const PRESENT = { cancelled: false, deadlineMillis: undefined };
const REQUESTS_OF_A_BATCH = 16;

async function loadParts(stage) {
  const outfile = stage.file('parts.mjs');
  await build({
    stdin: { contents: EXPORTS, resolveDir: SOURCE, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

/** CPU microseconds of each call, in the best of several rounds. */
async function microsOf(work, calls, rounds) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await work(calls);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / calls);
  }
  return least;
}

const repeat = one => calls => {
  for (let i = 0; i < calls; i++) one(i);
};

function createParts(parts) {
  const grant = {
    id: 'bench',
    name: 'bench',
    sha256: createHash('sha256').update(KEY).digest('hex'),
    models: ['*'],
  };
  const requestLimits = {
    requestsPerSecond: 1e9,
    requestsInFlight: 1e6,
    rowsPerMinute: 1e9,
    mode: 'soft',
  };
  const admissionOf = key => {
    const keys = new parts.KeyGuard();
    keys.applyAccess({ content: 'all', keys: [key], revoked: [] });
    const tokens = new parts.TokenBudgets({ awayMillis: 1e9 });
    const load = { requests: 1e6, bytes: 1e9 };
    return new parts.KeyedAdmission({
      keys,
      room: new parts.Room({ server: load, model: load }),
      tokens,
      requests: new parts.RequestBudgets({ shares: tokens.shares }),
    });
  };
  const input = {
    name: 'x',
    datatype: 'FP32',
    shape: [1, 64],
    data: new Float32Array(64),
  };
  const nothing = {
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 64] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 10] }],
    },
    rowWise: true,
    dimensions: [],
    run: ({ rows = 1 }) =>
      Promise.resolve([
        {
          name: 'y',
          datatype: 'FP32',
          shape: [rows, 10],
          data: new Float32Array(rows * 10),
        },
      ]),
    release: () => Promise.resolve(),
  };
  const version = number =>
    new parts.TensorVersion({
      model: MODEL,
      version: number,
      digest: `sha256:${number}`,
      runner: nothing,
    });
  const route = new parts.ServedRoute({
    route: { model: MODEL, salt: 'salt', recordedRowsPerSecond: 50 },
    variants: [
      { served: version(2), weightPercent: 90 },
      { served: version(3), weightPercent: 10 },
    ],
    pending: [],
  });
  const records = new parts.RecordBuffer({
    producer: 'bench',
    environment: 'production',
    maxRecords: 10_000,
  });
  const metrics = new parts.Metrics();
  const statistics = new parts.VersionStatistics();
  const batching = new parts.BatchingRunner({
    inner: nothing,
    batching: { maxRows: 64, maxDelayMicros: 0 },
    mostMillis: 20,
    gathersWhileBusy: false,
    cost: new parts.CostModel([{ rows: 1, millis: 0.01 }]),
    rule: parts.decideFlush,
  });
  const limited = new parts.LimitedRunner({ inner: nothing, maxRequests: 1e6 });
  const request = callerId => ({
    inputs: [input],
    rows: 1,
    outputs: undefined,
    cancellation: PRESENT,
    callerId,
  });
  const runs = (runner, callerId) => async calls => {
    for (let i = 0; i < calls; i += REQUESTS_OF_A_BATCH) {
      const running = [];
      for (let j = 0; j < REQUESTS_OF_A_BATCH; j++) {
        running.push(runner.run(request(callerId)));
      }
      await Promise.all(running);
    }
  };
  const enter = admission =>
    repeat(() => {
      const caller = admission.recognise(KEY);
      admission.authorize(caller, MODEL);
      const ticket = admission.enter(caller, MODEL, 'request');
      ticket.hold(300);
      ticket.takeRows?.(1);
      ticket.limits?.();
      ticket.leave();
    });
  const targets = new parts.TargetParser();
  return {
    'path of the request': repeat(() =>
      targets.parse(`/v2/models/${MODEL}/infer`),
    ),
    'key and room': enter(admissionOf(grant)),
    'key, room and limits of the key': enter(
      admissionOf({ ...grant, requestLimits }),
    ),
    'routing, two versions': repeat(() => route.assign({}, Math.random)),
    'routing, sticky by an id': repeat(i =>
      route.assign({ assignmentId: `caller-${i & 1023}` }, Math.random),
    ),
    'limit of a version': runs(limited, 'bench'),
    'batching, 16 a run': runs(batching),
    record: repeat(i => {
      records.add(MODEL, 2, 1e12 + i, 900, 200, 1, undefined, {
        isFallback: false,
        isLimited: false,
        comparison: undefined,
        unit: undefined,
      });
      // As when it is sent.
      if (i % 1_000 === 0) records.queue.batches.length = 0;
    }),
    metrics: repeat(() => metrics.observeRequest(MODEL, 2, 200, 900, 1)),
    statistics: repeat(i => {
      statistics.observeRun(1 + (i & 15), 0.02);
      statistics.observeRequest({
        startedMillis: i,
        endedMillis: i + 1,
        times: {
          startedMillis: i + 0.1,
          endedMillis: i + 0.9,
          computeMillis: 0.5,
        },
        rows: 1,
      });
    }),
  };
}

/** What each part of the data plane takes of a request, in a loop by itself. */
export async function measureParts({ calls = 100_000, rounds = 7 }) {
  const stage = new Stage();
  try {
    const parts = createParts(await loadParts(stage));
    say(`${describeMachine()}; best of ${rounds} rounds of ${calls} calls`);
    const rows = [];
    for (const [name, work] of Object.entries(parts)) {
      const micros = await microsOf(work, calls, rounds);
      rows.push([
        name,
        micros.toFixed(2),
        micros < MOST_MICROS ? 'holds' : 'does not hold',
      ]);
    }
    say(table([['part', 'CPU us', `under ${MOST_MICROS} us`], ...rows]));
    return rows;
  } finally {
    await stage.end();
  }
}
