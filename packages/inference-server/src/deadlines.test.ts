import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import {
  definitionOfService,
  INFERENCE_SERVICE,
  typeOf,
} from './grpc/protocol';
import { x } from './testing/allModels';
import { linear, row, v1 } from './testing/linear';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

/** Over before anything is read. */
const AT_ONCE_MILLIS = '0.001';
const AMPLE_MILLIS = '60000';
const OVER = "the request's time was over before it was computed";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(linear(v1()));
  await server.start({ GREENROOM_GRPC_PORT: '0' });
});
afterAll(() => server.close());

const infer = (timeout: string, body: unknown = row) =>
  server.infer('linear', body, {
    headers: { 'X-Request-Timeout-Ms': timeout },
  });

/** The status that a request over gRPC comes to. */
function inferByGrpc(options: {
  deadline?: number;
  timeoutMicros?: string;
}): Promise<{ code: status; details?: string }> {
  const client = new Client(
    server.grpcAddress ?? '',
    credentials.createInsecure(),
  );
  const metadata = new Metadata();
  metadata.set('x-api-key', 'gr_all');
  const { ModelInfer } = definitionOfService(INFERENCE_SERVICE);
  const { timeoutMicros, deadline } = options;
  const message = {
    model_name: 'linear',
    inputs: [
      {
        name: 'x',
        datatype: 'FP32',
        shape: ['1', '3'],
        contents: { fp32_contents: [1, 2, 3] },
      },
    ],
    ...(timeoutMicros && {
      parameters: { timeout: { int64_param: timeoutMicros } },
    }),
  };
  return new Promise(resolve => {
    client.makeUnaryRequest(
      ModelInfer.path,
      () => {
        const type = typeOf('ModelInferRequest');
        return Buffer.from(type.encode(type.fromObject(message)).finish());
      },
      ModelInfer.responseDeserialize,
      message,
      metadata,
      { deadline: deadline ?? Infinity },
      error => {
        client.close();
        resolve(error ?? { code: status.OK });
      },
    );
  });
}

async function counted(code: number): Promise<number> {
  const pattern = new RegExp(
    `greenroom_requests_total\\{model="linear",version="1",status="${code}"\\} (\\d+)`,
  );
  return Number(pattern.exec(await server.metrics())?.[1] ?? 0);
}

it('refuses what is not begun within the time of its header, and counts it as a caller who went away', async () => {
  const before = await counted(499);
  const { status: code, json } = await infer(AT_ONCE_MILLIS);
  expect([code, json]).toEqual([504, { error: OVER }]);
  expect([await counted(499), await counted(504)]).toEqual([before + 1, 0]);
});

it('answers what is in time', async () => {
  expect((await infer(AMPLE_MILLIS)).status).toBe(200);
});

it('takes the time of the request itself, in microseconds as Triton does', async () => {
  const body = (timeout: unknown) => ({
    inputs: [x([1, 2, 3])],
    parameters: { timeout },
  });
  expect((await server.infer('linear', body(1))).status).toBe(504);
  expect((await server.infer('linear', body(60_000_000))).status).toBe(200);
  // Of two times the shorter one counts.
  expect((await infer(AMPLE_MILLIS, body(1))).status).toBe(504);
  expect((await infer(AT_ONCE_MILLIS, body(60_000_000))).status).toBe(504);
  for (const wrong of [0, -1, 1.5, '1', null]) {
    const { status: code, json } = await server.infer('linear', body(wrong));
    expect([code, json.error]).toEqual([
      400,
      expect.stringContaining(
        'expected a number of microseconds from 1 to 86400000000',
      ),
    ]);
  }
});

it('refuses a header that is no time', async () => {
  for (const wrong of ['0', '-5', '1e3', 'soon', '86400001']) {
    const { status: code, json } = await infer(wrong);
    expect([code, json.error]).toEqual([
      400,
      `X-Request-Timeout-Ms is "${wrong}", expected a number of milliseconds above 0 and up to 86400000`,
    ]);
  }
});

it('takes the deadline of a call, and the time in its parameters, over gRPC', async () => {
  expect(await inferByGrpc({ timeoutMicros: '1' })).toMatchObject({
    code: status.DEADLINE_EXCEEDED,
    details: OVER,
  });
  expect(await inferByGrpc({ timeoutMicros: '60000000' })).toEqual({
    code: status.OK,
  });
  expect(await inferByGrpc({ deadline: Date.now() + 60_000 })).toEqual({
    code: status.OK,
  });
});
