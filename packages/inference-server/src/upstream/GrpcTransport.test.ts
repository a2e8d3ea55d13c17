import { Server, ServerCredentials, status, Metadata } from '@grpc/grpc-js';
import { GrpcTransport } from './GrpcTransport';

const TIMES = { firstByteMillis: 5_000, idleMillis: 5_000, totalMillis: 5_000 };
const asItIs = (bytes: Buffer) => bytes;
const definition = {
  Echo: {
    path: '/test.Service/Echo',
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
};

let server: Server;
let address: string;
let transport: GrpcTransport;
let cancelled: number;
/** Seconds that callers give the service, as it hears of them. */
let given: number[];

const connect = (changes: object = {}) =>
  new GrpcTransport({
    address,
    isSecure: false,
    times: TIMES,
    maxAnswerBytes: 1_024,
    ...changes,
  });

beforeEach(async () => {
  cancelled = 0;
  given = [];
  server = new Server();
  server.addService(definition, {
    Echo: (call: any, callback: any) => {
      given.push((Number(call.getDeadline()) - Date.now()) / 1_000);
      call.on('cancelled', () => {
        cancelled++;
      });
      const text = String(call.request);
      if (text === 'hang') return;
      if (text === 'busy') {
        const metadata = new Metadata();
        metadata.set('grpc-retry-pushback-ms', '1500');
        callback({ code: status.UNAVAILABLE, details: 'busy', metadata });
        return;
      }
      if (text === 'secret')
        callback(null, Buffer.from(String(call.metadata.get('authorization'))));
      else callback(null, call.request);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      '127.0.0.1:0',
      ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    ),
  );
  address = `127.0.0.1:${port}`;
  transport = connect();
});
afterEach(() => {
  transport.close();
  server.forceShutdown();
});

const callOf = (
  text: string,
  rest: { headers?: Record<string, string>; deadlineMillis?: number } = {},
) => ({
  method: 'POST' as const,
  url: new URL(`http://${address}/test.Service/Echo`),
  headers: {},
  body: Buffer.from(text),
  ...rest,
});
const never = new AbortController().signal;

it('gives the answer, with what proves who calls', async () => {
  const headers = { authorization: 'Bearer sesame' };
  const answer = await transport.open(callOf('secret', { headers }), never);
  expect(answer.status).toBe(200);
  expect(String(await answer.body.read(1_024))).toBe('Bearer sesame');
});

it('says no value that gRPC cannot carry', async () => {
  const headers = { authorization: 'Bearer geheim-ü' };
  const answer = transport.open(callOf('x', { headers }), never);
  await expect(answer).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.not.stringContaining('geheim'),
  });
});

it('has the status and the pushback of a refusal as HTTP has them', async () => {
  const {
    status: code,
    headers,
    body,
  } = await transport.open(callOf('busy'), never);
  expect([code, headers, String(await body.read(1_024))]).toEqual([
    503,
    { 'retry-after-ms': '1500' },
    '{"error":"busy"}',
  ]);
});

it('reads no answer that is longer than it may be', async () => {
  const long = transport.open(callOf('x'.repeat(2_048)), never);
  await expect(long).rejects.toMatchObject({
    kind: 'broken',
    message: 'its answer is longer than 1024 bytes',
  });
});

it('cancels the call when nobody waits for it any more', async () => {
  const caller = new AbortController();
  const answer = transport.open(callOf('hang'), caller.signal);
  answer.catch(() => undefined);
  while (given.length === 0) await new Promise(setImmediate);
  caller.abort();
  await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
  while (cancelled === 0) await new Promise(setImmediate);
  await expect(
    transport.open(callOf('x'), caller.signal),
  ).rejects.toMatchObject({ kind: 'cancelled' });
});

it('gives up after its time, and tells the service how long its caller waits', async () => {
  transport.close();
  transport = connect({ times: { ...TIMES, firstByteMillis: 100 } });
  await expect(transport.open(callOf('hang'), never)).rejects.toMatchObject({
    kind: 'timeout',
  });
  transport.close();
  transport = connect();
  const deadlineMillis = performance.now() + 2_000;
  await transport.open(callOf('x', { deadlineMillis }), never);
  expect(given[1]).toBeLessThan(3);
});

it('says so where TLS is expected and not spoken', async () => {
  transport.close();
  transport = connect({ isSecure: true });
  await expect(transport.open(callOf('x'), never)).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'it does not speak TLS',
  });
});

it('says that nothing was sent where nothing listens, and comes back by itself', async () => {
  const port = Number(address.split(':')[1]);
  server.forceShutdown();
  await expect(transport.open(callOf('x'), never)).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'nothing listens at its address',
  });
  server = new Server();
  server.addService(definition, {
    Echo: (call: any, callback: any) => callback(null, call.request),
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(
      `127.0.0.1:${port}`,
      ServerCredentials.createInsecure(),
      error => (error ? reject(error) : resolve()),
    ),
  );
  let answered: number | undefined;
  while (answered === undefined) {
    answered = await transport.open(callOf('x'), never).then(
      answer => answer.status,
      () => new Promise<undefined>(resolve => setTimeout(resolve, 50)),
    );
  }
  expect(answered).toBe(200);
});
