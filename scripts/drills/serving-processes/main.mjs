// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  buildPrograms,
  KEY,
  SmallControlPlane,
  startDataPlane,
} from '../lib/dataPlaneAlone.mjs';
import { OpenLoad } from '../large-model/OpenLoad.mjs';
import { writeModel } from '../large-model/writeModel.mjs';
import { Callers } from './Callers.mjs';

export const title =
  'One of several serving processes is killed, or hangs, under load; then all are stopped';

const SIZE = { width: 16, layers: 2 };
const CALLERS = 24;
/** Callers who open a connection for each request, while all are stopped. */
const KNOCKING = 8;
const SERVES =
  /"a serving process serves","process":(?<slot>\d+),"pid":(?<pid>\d+)/g;

/** @param {{ invariants: import('../lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ invariants, smoke }) {
  const processes = smoke ? 2 : 4;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-processes-'));
  const programs = buildPrograms();
  const plane = await SmallControlPlane.start();
  const file = path.join(folder, 'small.onnx');
  await plane.publish([
    { model: 'small', file, signature: writeModel(file, SIZE) },
  ]);
  const server = await startDataPlane(programs, {
    data: folder,
    controlPlaneUrl: plane.url,
    environment: {
      GREENROOM_PROCESSES: String(processes),
      GREENROOM_LAME_DUCK_SECONDS: '2',
    },
  });
  try {
    const context = { server, invariants, processes };
    await untilAllServe(context);
    for (let round = 0; round < (smoke ? 1 : 5); round++) {
      const slot = (round % processes) + 1;
      await end(context, { slot, signal: 'SIGKILL' });
    }
    // Which takes the half minute until it is noticed.
    if (!smoke) await end(context, { slot: 1, signal: 'SIGSTOP' });
    await stopUnderLoad(context);
  } finally {
    await server.stop();
    plane.stop();
    rmSync(programs, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

function call({ server }, knocking = 0) {
  return new Callers({
    url: `${server.url}/v2/models/small/infer`,
    key: KEY,
    body: OpenLoad.bodyOf(SIZE.width),
    keeping: CALLERS,
    knocking,
  });
}

/** Ends one process while all callers ask. */
async function end(context, { slot, signal }) {
  const { server, invariants } = context;
  const callers = call(context);
  await untilAnswered(callers, 2_000);
  const had = await gauge(
    context,
    `greenroom_process_connections{process="${slot}",entrance="http"}`,
  );
  const started = performance.now();
  const pid = pidsOf(server, slot).at(-1) ?? 0;
  process.kill(pid, signal);
  while (pidsOf(server, slot).at(-1) === pid) await sleep(10);
  await untilAllServe(context);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  await untilAnswered(callers, callers.answered + 2_000);
  await callers.stop();
  invariants.say(
    `${signal} to process ${slot}, which had ${had} of ${CALLERS} connections: ${
      callers.failures.length + callers.knocked
    } requests failed, ${
      callers.answered
    } were answered; all served again after ${seconds} s`,
  );
  const once = new Set(callers.failures.map(({ caller }) => caller)).size;
  invariants.check(
    `${signal} of one process costs only the requests in it`,
    callers.failures.length + callers.knocked <= had &&
      once === callers.failures.length,
    callers.failures[0]?.why ?? 'none was in it',
  );
}

async function stopUnderLoad(context) {
  const { server, invariants } = context;
  const callers = call(context, KNOCKING);
  await untilAnswered(callers, 2_000);
  const before = callers.answered;
  await server.stop();
  await callers.ended();
  invariants.check(
    'SIGTERM loses no request that was accepted',
    // Each may wait to be accepted in the moment in which the port is closed: once.
    callers.failures.length === 0 && callers.knocked <= CALLERS + KNOCKING,
    `${before} answered before, ${callers.answered - before} afterwards, ${
      callers.knocked
    } reset before they were accepted${
      callers.failures.length > 0 ? `, lost: ${callers.failures[0].why}` : ''
    }`,
  );
  const left = allPids(server).filter(isAlive);
  invariants.check(
    'no process is left behind',
    left.length === 0,
    left.length === 0 ? '' : `${left.length} are there`,
  );
}

async function untilAllServe(context) {
  const { processes } = context;
  const name = 'greenroom_processes{state="ready"}';
  while ((await gauge(context, name)) !== processes) await sleep(20);
}

async function untilAnswered(callers, count) {
  while (callers.answered < count) await sleep(10);
}

async function gauge({ server }, name) {
  const page = await (await fetch(`${server.adminUrl}/metrics`)).text();
  const line = page.split('\n').find(each => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

/** Of the processes that were in a place, the last one last. */
function pidsOf(server, slot) {
  return [...server.log.matchAll(SERVES)]
    .filter(({ groups }) => Number(groups?.slot) === slot)
    .map(({ groups }) => Number(groups?.pid));
}

function allPids(server) {
  return [...server.log.matchAll(SERVES)].map(({ groups }) =>
    Number(groups?.pid),
  );
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
