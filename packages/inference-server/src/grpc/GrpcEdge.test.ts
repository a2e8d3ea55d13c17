import { status, type ServiceError } from '@grpc/grpc-js';
import { once } from 'node:events';
import { Type, type Root } from 'protobufjs';
import type { Admission } from '../domain/Admission';
import { DataPlane } from '../domain/DataPlane';
import type { ModelRunner } from '../domain/ModelRunner';
import { ServedRoute } from '../domain/ServedRoute';
import { TensorVersion } from '../domain/ServedVersion';
import { ServingTable } from '../domain/ServingTable';
import type { Tensor } from '../domain/tensor';
import { createLogger } from '../logger';
import { GrpcTestClient, readProtocol } from '../testing/grpcClient';
import { waitFor } from '../testing/waitFor';
import { GrpcEdge } from './GrpcEdge';

const protocol = readProtocol('fixtures/protocol/open_inference_grpc.proto');
const withExtensions = readProtocol('proto/grpc_service.proto');

/** Answers what it was given, when it is let. */
class HeldModel implements ModelRunner {
  readonly signature = {
    inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 1] }],
    outputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 1] }],
  };
  readonly rowWise = true;
  readonly dimensions = [];
  readonly waiting: (() => void)[] = [];
  isHeld = false;

  async run({ inputs }: { inputs: readonly Tensor[] }): Promise<Tensor[]> {
    if (this.isHeld) {
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
    return [...inputs];
  }

  async release(): Promise<void> {}
}

const everybody: Admission = {
  recognise: name => ({
    id: String(name),
    name: String(name),
    has: () => true,
    mayCall: () => true,
  }),
  authorize: () => {},
  requireScope: () => {},
  enter: () => ({ hold: () => {}, leave: () => {} }),
  reserve: () => ({ state: undefined, settle: () => {} }),
};

const requestOf = (id: string) => ({
  model_name: 'm',
  id,
  inputs: [
    {
      name: 'x',
      datatype: 'FP32',
      shape: [1, 1],
      contents: { fp32_contents: [0.5] },
    },
  ],
});

describe('the gRPC edge', () => {
  const model = new HeldModel();
  let edge: GrpcEdge;
  const clients: GrpcTestClient[] = [];
  let address: string;

  beforeEach(async () => {
    const plane = new DataPlane({
      admission: everybody,
      recorder: { record: () => {} },
    });
    const served = new TensorVersion({
      model: 'm',
      version: 1,
      digest: 'sha256:1',
      runner: model,
    });
    const route = new ServedRoute({
      route: { model: 'm', salt: 's', recordedRowsPerSecond: 0 },
      variants: [{ served, weightPercent: 100 }],
      pending: [],
    });
    plane.apply(new ServingTable(new Map([['m', route]])));
    plane.start();
    edge = new GrpcEdge({
      dataPlane: plane,
      logger: createLogger({ level: 'error', write: () => {} }),
      maxBodyBytes: 1_000_000,
      maxValues: 20_000,
      serverVersion: '1.2.3',
    });
    address = `127.0.0.1:${await edge.listen({ host: '127.0.0.1', port: 0 })}`;
    model.isHeld = false;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await edge.drain(AbortSignal.abort());
  });

  function clientOf(root: Root): GrpcTestClient {
    const client = new GrpcTestClient({ root, address, key: 'a key' });
    clients.push(client);
    return client;
  }

  it('says which port is taken', async () => {
    const port = Number(new URL(`http://${address}`).port);
    const second = new GrpcEdge({
      dataPlane: new DataPlane({
        admission: everybody,
        recorder: { record: () => {} },
      }),
      logger: createLogger({ level: 'error', write: () => {} }),
      maxBodyBytes: 1_000_000,
      maxValues: 20_000,
      serverVersion: '1.2.3',
    });
    await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow(
      new RegExp(
        `gRPC cannot listen at 127.0.0.1:${port} .*GREENROOM_GRPC_PORT`,
      ),
    );
    await second.drain(AbortSignal.abort());
  });

  it("is called by the protocol's own file", async () => {
    const client = clientOf(protocol);
    expect(await client.call('ServerLive', {})).toEqual({ live: true });
    expect(await client.call('ServerReady', {})).toEqual({ ready: true });
    expect(await client.call('ModelReady', { name: 'm' })).toEqual({
      ready: true,
    });
    expect(await client.call('ServerMetadata', {})).toMatchObject({
      name: expect.any(String),
      version: '1.2.3',
    });
    expect(await client.call('ModelMetadata', { name: 'm' })).toMatchObject({
      name: 'm',
      versions: ['1'],
      properties: { version: '1', digest: 'sha256:1' },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    });
    expect(await client.call('ModelInfer', requestOf('seven'))).toMatchObject({
      model_name: 'm',
      model_version: '1',
      id: 'seven',
      outputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1] }],
      raw_output_contents: [Buffer.from(Float32Array.of(0.5).buffer)],
    });
  });

  it.each<[what: string, request: object]>([
    [
      'cut in the middle of a character',
      {
        model_name: 'm',
        parameters: {
          timeout: { string_param: `${'a'.repeat(38)}\u{1f600}\u{1f600}` },
        },
      },
    ],
    [
      'longer than a header may be',
      { model_name: 'm', inputs: [{ name: 'x'.repeat(200_000) }] },
    ],
  ])('refuses a request with a text that is %s', async (_, request) => {
    const client = clientOf(withExtensions);
    const details = expect.stringMatching(/^(?:unknown input "x|"timeout" is)/);
    await expect(client.call('ModelInfer', request)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details,
    });
    const stream = client.stream();
    const answer = once(stream, 'data');
    stream.write(request);
    stream.end();
    expect((await answer)[0]).toMatchObject({ error_message: details });
  });

  it.each<[string, object]>([
    ['inputs', { inputs: Array.from({ length: 20_000 }, () => ({})) }],
    [
      'values',
      {
        inputs: [{ contents: { int64_contents: Array(200_000).fill(1) } }],
      },
    ],
  ])('reads no message of very many %s', async (_, request) => {
    const client = clientOf(withExtensions);
    const refused = {
      code: status.RESOURCE_EXHAUSTED,
      details: expect.stringMatching(
        /^the message has more than 20000 values .*raw_input_contents$/,
      ),
    };
    await expect(
      client.call('ModelInfer', { model_name: 'm', ...request }),
    ).rejects.toMatchObject(refused);
    const stream = client.stream();
    const answer = once(stream, 'data');
    stream.write({ model_name: 'm', ...request });
    stream.end();
    expect((await answer)[0]).toMatchObject({ error_message: refused.details });
  });

  it('answers all requests of a stream, and works on so many at a time', async () => {
    model.isHeld = true;
    const stream = clientOf(withExtensions).stream();
    const answers: string[] = [];
    stream.on('data', ({ infer_response }) => answers.push(infer_response.id));
    const ids = Array.from({ length: 1_000 }, (_, i) => String(i));
    for (const id of ids) stream.write(requestOf(id));
    stream.end();
    await waitFor(() => model.waiting.length === 128);
    // What is beyond would have come by now: each is answered in far less.
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(model.waiting).toHaveLength(128);
    model.isHeld = false;
    for (const go of model.waiting.splice(0)) go();
    await once(stream, 'end');
    expect(answers.sort()).toEqual(ids.sort());
  });

  it('ends streams at a stop, after it has answered what they asked', async () => {
    model.isHeld = true;
    const [idle, busy] = [1, 2].map(() => clientOf(withExtensions).stream());
    const answers: string[] = [];
    busy.on('data', ({ infer_response }) => answers.push(infer_response.id));
    idle.on('data', () => {});
    const [ofIdle, ofBusy] = [idle, busy].map(
      stream =>
        new Promise<ServiceError>(resolve => stream.once('error', resolve)),
    );
    idle.write(requestOf('first'));
    busy.write(requestOf('last'));
    await waitFor(() => model.waiting.length === 2);
    model.waiting.splice(0, 1)[0]();
    const drained = edge.drain(new AbortController().signal);
    await waitFor(() => model.waiting.length === 1);
    model.waiting.splice(0)[0]();
    const errors = await Promise.all([ofIdle, ofBusy]);
    expect(errors.map(({ code }) => code)).toEqual([
      status.UNAVAILABLE,
      status.UNAVAILABLE,
    ]);
    expect(answers).toEqual(['last']);
    await drained;
  });
});

it('speaks a superset of the protocol, field by field', () => {
  const { nestedArray } = protocol.lookup('inference') as Root;
  const messages = nestedArray.filter(
    (each): each is Type => each instanceof Type,
  );
  expect(messages.length).toBeGreaterThan(10);
  for (const { name, fieldsArray } of messages) {
    const ours = withExtensions.lookupType(`inference.${name}`);
    for (const field of fieldsArray) {
      expect([name, ours.fields[field.name]?.toJSON()]).toEqual([
        name,
        field.toJSON(),
      ]);
    }
  }
});
