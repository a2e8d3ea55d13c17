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
import { OpenLoad, percentile } from './OpenLoad.mjs';
import { writeModel } from './writeModel.mjs';

export const title =
  'A large model is loaded, and a slow one runs, beside a small one under load';

const REQUESTS_PER_SECOND = 300;
/** Squares of weights: 9 of 64 MiB, and 8 of 4 MiB. */
const FULL = { width: 4_096, layers: 9 };
const SMOKE = { width: 1_024, layers: 8 };
const SMALL = { width: 16, layers: 2 };
const MOST_TIMES = 2;
/** A tail below that is as good as none: the machine itself makes such. */
const LEAST_MILLIS = 10;

/**
 * Answers of a small model come at a fixed pace, whether the last one came or not, while a large one is loaded beside
 * it: as a manifest may want it on the serving thread, and as a data plane does by itself.
 *
 * @param {{ invariants: import('../lib/Invariants.mjs').Invariants, smoke: boolean }} options
 */
export async function run({ invariants, smoke }) {
  const programs = buildPrograms();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-large-'));
  try {
    const models = {
      small: modelOf(folder, 'small', SMALL),
      large: modelOf(folder, 'large', smoke ? SMOKE : FULL),
    };
    const context = { programs, folder, models, invariants, smoke };
    const inline = await play(context, 'inline');
    const own = await play(context, undefined);
    invariants.say(
      `the worst answer while it was loaded: ${inline.worst.toFixed(
        0,
      )} ms on the serving thread, ${own.worst.toFixed(
        0,
      )} ms in a worker thread`,
    );
  } finally {
    rmSync(programs, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

function modelOf(folder, model, size) {
  const file = path.join(folder, `${model}.onnx`);
  return { model, file, signature: writeModel(file, size), size };
}

async function play(context, placement) {
  const { models, invariants, smoke } = context;
  const seconds = smoke ? 2 : 6;
  const data = mkdtempSync(path.join(context.folder, 'data-'));
  const plane = await SmallControlPlane.start();
  const server = await startDataPlane(context.programs, {
    data,
    controlPlaneUrl: plane.url,
  });
  try {
    const wanted = { ...models.large, placement };
    await plane.publish([models.small]);
    await server.untilReady('small');
    const load = new OpenLoad({
      url: `${server.url}/v2/models/small/infer`,
      key: KEY,
      perSecond: REQUESTS_PER_SECOND,
      width: models.small.size.width,
    }).start();
    await sleep(1_000);
    const before = await load.during(() => sleep(seconds * 1_000));
    const during = await load.during(async () => {
      await plane.publish([models.small, wanted]);
      await server.untilReady('large');
    });
    const beside = await load.during(() =>
      runSlow(server.url, models.large.size.width, seconds * 1_000),
    );
    await load.stop();
    const where = placement ? 'on the serving thread' : 'by itself';
    const figures = Object.entries({ before, loading: during, running: beside })
      .map(([what, { millis }]) => {
        const [p50, p99] = [0.5, 0.99].map(share =>
          percentile(millis, share).toFixed(1),
        );
        return `${what}: p50 ${p50} ms, p99 ${p99} ms of ${millis.length}`;
      })
      .join('; ');
    invariants.say(`${where}: ${figures}`);
    const failed = [before, during, beside].flatMap(each => each.failures);
    invariants.check(
      `${where}: every request to the small model is answered`,
      failed.length === 0,
      failed[0] ?? `${REQUESTS_PER_SECOND} a second`,
    );
    if (placement === undefined) {
      await checkPlaces(server, invariants);
      // Seconds on a busy machine say nothing about a tail.
      if (!smoke) {
        checkTail(invariants, 'loaded', before, during);
        checkTail(invariants, 'run', before, beside);
      }
    }
    return { worst: Math.max(...during.millis) };
  } finally {
    await server.stop();
    plane.stop();
  }
}

async function checkPlaces(server, invariants) {
  const places = await Promise.all(
    ['small', 'large'].map(async model => {
      const answer = await server.get(`/v2/models/${model}/config`);
      const { placement, placement_reason: reason } = (await answer.json())
        .parameters;
      return `${placement.string_value}: ${reason.string_value}`;
    }),
  );
  invariants.check(
    'the large model runs in a worker thread, the small one does not',
    places[0].startsWith('inline') && places[1].startsWith('worker'),
    places.join('; '),
  );
}

function checkTail(invariants, what, before, after) {
  const [was, is] = [before, after].map(({ millis }) =>
    percentile(millis, 0.99),
  );
  invariants.check(
    `p99 of the small model at most doubles while a large one is ${what}`,
    is <= Math.max(MOST_TIMES * was, LEAST_MILLIS),
    `${was.toFixed(1)} ms before, ${is.toFixed(1)} ms then`,
  );
}

/** Keeps the large model busy, one request after the other. */
async function runSlow(url, width, forMillis) {
  const body = OpenLoad.bodyOf(width);
  const until = performance.now() + forMillis;
  while (performance.now() < until) {
    const answer = await fetch(`${url}/v2/models/large/infer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body,
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the large model answers ${answer.status}`);
  }
}
