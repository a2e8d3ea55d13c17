import { status as grpcStatus } from '@grpc/grpc-js';
import type { WantedRoute } from './domain/WantedRoute';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { GrpcTestClient, readProtocol } from './testing/grpcClient';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

const KEYS = [keyOf('gr_all', ['*'])];
const since = '2026-11-27T12:00:00.000Z';
const DEPRECATION = '@1795780800';
const SUNSET = 'Sun, 31 Jan 2027 00:00:00 GMT';
const link = 'https://portal.example.org/ai-models/colours';
const ROW = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] }],
};

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.create();
});
afterEach(() => server.close());

async function start(
  deprecations: WantedRoute['deprecations'],
  environment: Record<string, string> = {},
) {
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('colours', [variantOf('classifier')], { deprecations }),
      routeOf('plain', [variantOf('classifier')]),
    ],
    KEYS,
  );
  await server.start(environment);
}

describe('a deprecated model', () => {
  it('says so with each answer, errors and descriptions too; others say nothing', async () => {
    await start([{ since, sunsetAt: '2027-01-31T00:00:00.000Z', link }]);
    const told = {
      deprecation: DEPRECATION,
      sunset: SUNSET,
      link: `<${link}>; rel="deprecation"; type="text/html"`,
    };
    const answered = await server.infer('colours', ROW);
    expect(answered.status).toBe(200);
    expect(answered.headers).toMatchObject(told);
    const refused = await server.infer('colours', '{');
    expect(refused.status).toBe(400);
    expect(refused.headers).toMatchObject(told);
    const described = await server.send('/v2/models/colours', {
      key: 'gr_all',
    });
    expect(described.headers).toMatchObject(told);
    const plain = await server.infer('plain', ROW);
    expect(plain.status).toBe(200);
    for (const name of Object.keys(told)) {
      expect(plain.headers).not.toHaveProperty(name);
    }
    // Whoever may not call the model learns nothing of it.
    const stranger = await server.infer('colours', ROW, { key: 'gr_nobody' });
    expect(stranger.status).toBe(401);
    expect(stranger.headers).not.toHaveProperty('deprecation');
  });

  it('says of a version alone only where that version answers', async () => {
    await start([{ version: 2, since }]);
    const one = await server.infer('colours', ROW);
    expect(one.headers).not.toHaveProperty('deprecation');
    await server.close();
    server = await TestServer.create();
    await start([{ version: 1, since }]);
    const other = await server.infer('colours', ROW);
    expect(other.headers).toMatchObject({ deprecation: DEPRECATION });
    expect(other.headers).not.toHaveProperty('sunset');
  });

  it('says the same over gRPC', async () => {
    await start([{ since, sunsetAt: '2027-01-31T00:00:00.000Z', link }], {
      GREENROOM_GRPC_PORT: '0',
    });
    const client = new GrpcTestClient({
      root: readProtocol('fixtures/protocol/open_inference_grpc.proto'),
      address: String(server.grpcAddress),
      key: 'gr_all',
    });
    try {
      const ask = (model_name: string, values = [1, 2, 3, 4]) =>
        client.callWithMetadata('ModelInfer', {
          model_name,
          inputs: [
            {
              name: 'x',
              datatype: 'FP32',
              shape: [1, 4],
              contents: { fp32_contents: values },
            },
          ],
        });
      expect((await ask('colours')).metadata).toMatchObject({
        deprecation: DEPRECATION,
        sunset: SUNSET,
      });
      expect((await ask('plain')).metadata).not.toHaveProperty('deprecation');
      const refusalOf = async (name: string) => {
        const { code, metadata } = await ask(name, [1]).catch(error => error);
        return { code, told: metadata.getMap() };
      };
      expect(await refusalOf('colours')).toMatchObject({
        code: grpcStatus.INVALID_ARGUMENT,
        told: { deprecation: DEPRECATION, sunset: SUNSET },
      });
      expect((await refusalOf('plain')).told).not.toHaveProperty('deprecation');
    } finally {
      client.close();
    }
  });

  it('says so with answers of language models, whole and streamed', async () => {
    process.env.STAND_IN_KEY = STAND_IN_KEY;
    const standIn = createOpenAiStandIn();
    await standIn.start();
    try {
      const variant = addExternalModel(server.controlPlane, {
        connection: {
          name: 'llm',
          kind: 'openai',
          settings: {
            baseUrl: `${standIn.url}/v1`,
            secret: 'env:STAND_IN_KEY',
          },
        },
      });
      server.controlPlane.snapshot = snapshotOf(
        [routeOf('bot', [variant], { deprecations: [{ since }] })],
        KEYS,
      );
      await server.start();
      for (const stream of [false, true]) {
        const { status, headers } = await server.send('/v1/chat/completions', {
          method: 'POST',
          key: 'gr_all',
          body: JSON.stringify({
            model: 'bot',
            stream,
            messages: [{ role: 'user', content: 'Hello' }],
          }),
        });
        expect(status).toBe(200);
        expect(headers).toMatchObject({ deprecation: DEPRECATION });
      }
    } finally {
      await standIn.stop();
    }
  });
});
