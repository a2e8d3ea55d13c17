import { addExternalModel } from '../../testing/externalModel';
import {
  keyOf,
  routeOf,
  snapshotOf,
  variantOf,
  SIGNATURES,
} from '../../testing/fixtures';
import { TestServer } from '../../testing/startTestServer';
import { waitFor } from '../../testing/waitFor';
import type { ServerResponse } from 'node:http';
import { GrpcStandIn } from '../testing/GrpcStandIn';
import { sendJson, StandIn } from '../testing/StandIn';
import { describeTensorProvider } from '../testing/tensorConformance';
import { answerTensors } from '../testing/tensorStandIn';
import { readIndex, reasonOf } from './answers';

jest.setTimeout(60_000);

const TOKEN = 'token-of-triton-0123456789';

const PATH = '/serving/v2/models/totals/versions/3';

/** A server of the protocol behind a proxy that asks for a token. */
function createRestStandIn(): StandIn {
  return new StandIn((call, response) => {
    if (call.headers.authorization !== `Bearer ${TOKEN}`) {
      sendJson(response, 401, { error: 'no token' });
    } else if (call.path === `${PATH}/infer`) {
      answerTensors(call, response);
    } else if (call.path === `${PATH}/ready`) {
      sendJson(response, 200, {});
    } else {
      sendJson(response, 404, { error: `no ${call.path}` });
    }
  });
}

function createGrpcStandIn(): StandIn {
  return new GrpcStandIn((call, response) => {
    if (call.headers.authorization !== `Bearer ${TOKEN}`) {
      sendJson(response, 401, { error: 'no token' });
    } else if (call.path === '/ModelReady') {
      sendJson(response, 200, { ready: true });
    } else if (call.json.model === 'totals/3') {
      answerTensors(call, response);
    } else {
      sendJson(response, 404, { error: `no ${call.json.model}` });
    }
  });
}

const common = {
  kind: 'open-inference',
  protocol: 'open-inference',
  model: 'totals/3',
  secrets: () => ({
    right: { TRITON: TOKEN },
    wrong: { TRITON: 'token-wrong-0123456789' },
  }),
  refuse: (response: ServerResponse, status: number, message: string) =>
    sendJson(response, status, { error: message }),
} as const;

describeTensorProvider({
  ...common,
  createStandIn: createRestStandIn,
  settings: ({ url }) => ({ baseUrl: `${url}/serving/`, secret: 'env:TRITON' }),
  isCall: ({ path }) => path.endsWith('/infer'),
});

describe('over gRPC', () => {
  describeTensorProvider({
    ...common,
    createStandIn: createGrpcStandIn,
    settings: ({ url }) => ({
      baseUrl: url,
      protocol: 'grpc',
      secret: 'env:TRITON',
    }),
    isCall: ({ path }) => path === '/ModelInfer',
  });
});

describe.each(['rest', 'grpc'] as const)(
  'another data plane as the server, over %s',
  protocol => {
    let behind: TestServer;
    let front: TestServer;

    beforeAll(async () => {
      process.env.BEHIND_KEY = 'gr_behind';
      behind = await TestServer.create(
        snapshotOf(
          [
            routeOf('linear', [variantOf('linear-1')]),
            routeOf('classes', [variantOf('classifier')]),
          ],
          [keyOf('gr_behind', ['*'])],
        ),
      );
      await behind.start({ GREENROOM_GRPC_PORT: '0' });
      front = await TestServer.create();
      const remote = (model: string, signature: object) =>
        addExternalModel(front.controlPlane, {
          descriptor: {
            model,
            tasks: [],
            tensors: { protocol: 'open-inference', signature },
          },
          connection: {
            name: 'llm',
            kind: 'open-inference',
            settings: {
              baseUrl:
                protocol === 'grpc'
                  ? `grpc://${behind.grpcAddress}`
                  : behind.url,
              protocol,
              secret: 'env:BEHIND_KEY',
            },
          },
        });
      front.controlPlane.snapshot = snapshotOf(
        [
          routeOf('linear', [
            {
              ...remote('linear', SIGNATURES['linear-1']),
              schema: {
                task: 'regression',
                features: ['a', 'b', 'c'].map((name, index) => ({
                  name,
                  tensor: 'x',
                  index,
                })),
                prediction: { tensor: 'y' },
              },
            },
          ]),
          routeOf('classes', [remote('classes', SIGNATURES.classifier)]),
        ],
        [keyOf('gr_all', ['*'])],
      );
      await front.start();
      for (const [server, key] of [
        [behind, 'gr_behind'],
        [front, 'gr_all'],
      ] as const) {
        await waitFor(
          async () =>
            (await server.send('/v2/models/classes/ready', { key })).status ===
            200,
        );
      }
    });
    afterAll(async () => {
      delete process.env.BEHIND_KEY;
      await front.close();
      await behind.close();
    });

    it.each([
      ['linear', [-1.5, 0, 3.25, 1e-20, 16_777_217, -0]],
      ['classes', [0.1, 0.2, 0.3, 0.4, 5, -6, 7, -8]],
    ])('gives the very same answers of %s', async (model, data) => {
      const { shape } =
        SIGNATURES[model === 'linear' ? 'linear-1' : 'classifier'].inputs[0];
      const x = { name: 'x', datatype: 'FP32', shape: [2, shape[1]], data };
      const direct = await behind.infer(
        model,
        { inputs: [x] },
        { key: 'gr_behind' },
      );
      const through = await front.infer(model, { inputs: [x] });
      expect(through.status).toBe(200);
      expect(through.json.outputs).toEqual(direct.json.outputs);
    });

    it('is recorded as the model that callers ask, with its features', async () => {
      const x = { name: 'x', datatype: 'FP32', shape: [1, 3], data: [7, 8, 9] };
      const { json } = await front.infer('linear', { inputs: [x] });
      const prediction = json.outputs[0].data[0];
      const samples = () =>
        front.controlPlane.batches.flatMap(({ groups }) =>
          groups.flatMap(group =>
            group.model === 'linear' ? group.samples : [],
          ),
        );
      await waitFor(async () =>
        samples().some(({ features }) => features[0] === 7),
      );
      expect(samples()).toContainEqual({
        at: expect.any(Number),
        features: [7, 8, 9],
        prediction: Math.fround(prediction),
      });
    });
  },
);

describe('what servers say', () => {
  it.each([
    [{ error: 'no such model' }, 'no such model'],
    [{ error: { message: 'in OpenAI words' } }, 'in OpenAI words'],
    [{ detail: 'as FastAPI has it' }, 'as FastAPI has it'],
    ['text', undefined],
    [{}, undefined],
  ])('reads the reason of %j', (body, reason) => {
    expect(reasonOf(body)).toBe(reason);
  });

  it('names each model once', () => {
    expect(
      readIndex([
        { name: 'a', version: '1', state: 'READY' },
        { name: 'a', version: '2', state: 'READY' },
        { name: 'b' },
      ]),
    ).toEqual([{ name: 'a' }, { name: 'b' }]);
  });
});
