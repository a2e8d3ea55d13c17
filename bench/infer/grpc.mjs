// @ts-check
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { IMAGE, imageBodies, imageModel } from './images.mjs';
import { loadModels } from './models.mjs';
import { best, medianRatio, runLoad, takeTurns } from './rounds.mjs';
import {
  describeMachine,
  here,
  HEADERS,
  KEY,
  restSide,
  say,
  Stage,
  table,
} from './sides.mjs';

const CALLERS = 64;
/** One client of the protocol has one connection for all of its calls. */
const GRPC_CONNECTIONS = 8;
/** Large requests, a few at a time. */
const IMAGE_CALLERS = 4;
const SERVICE = '/inference.GRPCInferenceService';

const root = protobuf.Root.fromJSON(
  JSON.parse(
    readFileSync(
      here('../../packages/inference-server/src/grpc/protocol.json'),
      'utf8',
    ),
  ),
);
const requestType = root.lookupType('inference.ModelInferRequest');

/** A request as clients of Triton send it, the values as they are in memory. */
function rawMessage(model, name, shape, bytes) {
  return Buffer.from(
    requestType
      .encode(
        requestType.fromObject({
          model_name: model,
          inputs: [{ name, datatype: 'FP32', shape }],
          raw_input_contents: [bytes],
        }),
      )
      .finish(),
  ).toString('base64');
}

function grpcSide(name, { pid, grpcAddress }, { method, messages, callers }) {
  const connections = Math.min(GRPC_CONNECTIONS, callers);
  return {
    name,
    pid,
    load: options => runLoad(options, here('grpcLoad.mjs')),
    options: {
      address: grpcAddress,
      path: `${SERVICE}/${method}`,
      headers: { authorization: `Bearer ${KEY}` },
      messages,
      connections,
      callsPerConnection: callers / connections,
    },
  };
}

export function digitsSides(server, digits) {
  const messages = digits.bodies.map(body => {
    const [{ name, shape, data }] = JSON.parse(body).inputs;
    const bytes = Buffer.from(Float32Array.from(data).buffer);
    return rawMessage(digits.model, name, shape, bytes);
  });
  const method = 'ModelInfer';
  return [
    restSide('digits, REST JSON', server, digits),
    grpcSide('digits, gRPC', server, { method, messages, callers: CALLERS }),
    grpcSide('ServerLive, gRPC', server, {
      method: 'ServerLive',
      messages: [''],
      callers: CALLERS,
    }),
  ];
}

export function imageSides(server) {
  const { json, head, raw } = imageBodies();
  const rest = (name, options) => {
    const side = restSide(name, server, { model: 'image', ...options });
    return {
      ...side,
      options: { ...side.options, connections: IMAGE_CALLERS },
    };
  };
  const binary = rest('image, REST binary', {
    bodies: [Buffer.concat([head, raw]).toString('base64')],
    headers: {
      ...HEADERS,
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
  });
  return [
    rest('image, REST JSON', { bodies: [json] }),
    { ...binary, options: { ...binary.options, encoding: 'base64' } },
    grpcSide('image, gRPC', server, {
      method: 'ModelInfer',
      messages: [rawMessage('image', 'image', IMAGE, raw)],
      callers: IMAGE_CALLERS,
    }),
  ];
}

/** The protocol's three forms of a request beside each other, for a small row and for an image. */
export async function measureGrpc({
  seconds = 2,
  rounds = 7,
  warmUpSeconds = 1,
}) {
  const stage = new Stage();
  try {
    const [digits] = await loadModels();
    const server = await stage.dataPlane({ models: [digits, imageModel()] });
    say(
      `${describeMachine()}; best of ${rounds} rounds of ${seconds} s by turns`,
    );
    const options = { seconds, rounds, warmUpSeconds };
    const results = {
      ...(await takeTurns(digitsSides(server, digits), options)),
      ...(await takeTurns(imageSides(server), options)),
    };
    const rows = Object.entries(results).map(([name, all]) => {
      const { perSecond, cpuMicros, p50, p99 } = best(all);
      const failed = all.reduce((sum, round) => sum + round.failed, 0);
      return [name, perSecond, cpuMicros.toFixed(1), p50, p99, failed];
    });
    say(
      table([
        ['request', 'req/s', 'CPU us/req', 'p50 ms', 'p99 ms', 'failed'],
        ...rows,
      ]),
    );
    const times = (a, b) => medianRatio(results[a], results[b]).toFixed(2);
    say(
      `By CPU, in the median of the rounds: digits over REST JSON ${times(
        'digits, REST JSON',
        'digits, gRPC',
      )} of gRPC's, an empty call ${times(
        'ServerLive, gRPC',
        'digits, gRPC',
      )} of it; an image as JSON ${times(
        'image, REST JSON',
        'image, REST binary',
      )} times one as binary tensor, and ${times(
        'image, REST JSON',
        'image, gRPC',
      )} times one over gRPC; over gRPC ${times(
        'image, gRPC',
        'image, REST binary',
      )} times the binary tensor.`,
    );
    return rows;
  } finally {
    await stage.end();
  }
}
