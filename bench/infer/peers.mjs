// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { ensureEnvironment } from '../../scripts/test/python.mjs';
import { compareServers } from './compare.mjs';
import { imageBodies, IMAGE } from './images.mjs';
import { loadModels } from './models.mjs';
import { best, medianRatio, takeTurns } from './rounds.mjs';
import {
  describeMachine,
  here,
  HEADERS,
  restSide,
  say,
  Stage,
} from './sides.mjs';

const MLSERVER = 'MLServer 1.7.1';
const FASTAPI = 'FastAPI + onnxruntime';
const OWN = 'data plane';
/** What of the peers is there to gain at all. */
const LEAST = 'least server';

/** The same files served by what others use, by turns, and a large model beside Python's onnxruntime in a loop. */
export async function measurePeers({
  seconds = 2,
  rounds = 5,
  warmUpSeconds = 2,
}) {
  const requirements = here('peers/requirements.txt');
  const python = await ensureEnvironment({ name: 'peers', requirements });
  if (python === undefined) {
    throw new Error('there is no Python 3 here, which the peers run on');
  }
  const stage = new Stage();
  try {
    const models = await loadModels();
    const files = JSON.stringify(
      models.map(({ model, bytes }) => {
        const file = stage.file(`${model}.onnx`);
        writeFileSync(file, bytes);
        return { model, file };
      }),
    );
    const start = (file, ready) =>
      stage.server(
        here(`peers/${file}`),
        (port, metricsPort, grpcPort) => ({
          PORT: String(port),
          METRICS_PORT: String(metricsPort),
          GRPC_PORT: String(grpcPort),
          FOLDER: stage.file(''),
          MODELS: files,
        }),
        ready,
        [python],
      );
    const servers = {
      [OWN]: await stage.dataPlane({ models }),
      [LEAST]: await stage.server(
        here('leastServer.mjs'),
        port => ({ PORT: String(port), MODELS: files }),
        '/metrics',
      ),
      [MLSERVER]: await start('mlserver_start.py', '/v2/health/ready'),
      [FASTAPI]: await start('fastapi_server.py', '/ready'),
    };
    say(
      `${describeMachine()}; best of ${rounds} rounds of ${seconds} s by turns`,
    );
    const turns = { seconds, rounds, warmUpSeconds };
    await compareServers(servers, models, turns, describePeers);
    await compareWithLoop(stage, python, turns);
  } finally {
    await stage.end();
  }
}

/** How many times as much they take. */
function describePeers(_model, results) {
  const { [OWN]: own, [LEAST]: least } = results;
  return [MLSERVER, FASTAPI]
    .map(
      peer =>
        `${medianRatio(results[peer], own).toFixed(
          1,
        )} times ${peer} by CPU (the least server ${medianRatio(
          results[peer],
          least,
        ).toFixed(1)} times), ${medianRatio(
          own,
          results[peer],
          'perSecond',
        ).toFixed(1)} times by requests a second`,
    )
    .join('; ');
}

/** Where the arithmetic takes the time, a server may add little to it. */
async function compareWithLoop(stage, python, { seconds, rounds, ...rest }) {
  const file = stage.file('mobilenet.onnx');
  execFileSync(python, [here('peers/make_mobilenet.py'), file]);
  const { head, raw } = imageBodies();
  const model = 'mobilenet';
  const server = await stage.dataPlane({
    models: [
      {
        model,
        bytes: readFileSync(file),
        signature: {
          inputs: [
            { name: 'image', datatype: 'FP32', shape: [-1, ...IMAGE.slice(1)] },
          ],
          outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 1000] }],
        },
      },
    ],
    hasSecondVersion: false,
  });
  const least = await stage.server(
    here('leastServer.mjs'),
    port => ({ PORT: String(port), MODELS: JSON.stringify([{ model, file }]) }),
    '/metrics',
  );
  const sideOf = (name, of) => {
    const side = restSide(name, of, {
      model,
      bodies: [Buffer.concat([head, raw]).toString('base64')],
      headers: {
        ...HEADERS,
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(head.length),
      },
    });
    const options = { ...side.options, encoding: 'base64', connections: 1 };
    return { ...side, options };
  };
  const loop = {
    name: 'loop',
    // Its own process says what it took: nothing of it is there before or after.
    pid: 0,
    options: {},
    load: async () => {
      const said = execFileSync(python, [
        here('peers/loop.py'),
        file,
        String(seconds),
      ]);
      const { cpuMicros, perSecond } = JSON.parse(String(said));
      loops.push({ cpuMicros, perSecond, p50: 0, p99: 0, failed: 0 });
      return { requests: 1, seconds: 1, failed: 0 };
    },
  };
  /** @type {import('./rounds.mjs').Round[]} */
  const loops = [];
  const results = await takeTurns(
    [sideOf(OWN, server), sideOf(LEAST, least), loop],
    { seconds, rounds, ...rest },
  );
  const own = results[OWN];
  const compared = loops.slice(-own.length);
  const percent = value => `${(100 * (value - 1)).toFixed(1)} %`;
  const millis = all => `${(best(all).cpuMicros / 1e3).toFixed(1)} ms of CPU`;
  const over = all =>
    `${percent(
      best(all).cpuMicros / best(compared).cpuMicros,
    )} more than the loop by the best rounds, ${percent(
      medianRatio(all, compared),
    )} in the median of the rounds`;
  say(
    `${model}: Python's onnxruntime in a loop ${millis(compared)} a run, ${best(
      compared,
    ).perSecond.toFixed(1)} a second`,
  );
  for (const name of [OWN, LEAST]) {
    const all = results[name];
    say(
      `${model} as binary tensor, ${name}: ${millis(all)}, ${
        best(all).perSecond
      } req/s: ${over(all)}`,
    );
  }
}
