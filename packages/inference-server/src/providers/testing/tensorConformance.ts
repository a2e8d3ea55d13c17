import type { TensorProtocol } from '../Provider';
import { addExternalModel } from '../../testing/externalModel';
import { keyOf, routeOf, snapshotOf } from '../../testing/fixtures';
import { TestServer } from '../../testing/startTestServer';
import { waitFor } from '../../testing/waitFor';
import type { ProviderUnderTest } from './providerConformance';
import type { ReceivedCall, StandIn } from './StandIn';
import { TOTALS } from './tensorStandIn';

/** What a provider brings whose endpoints take tensors. */
export interface TensorProviderUnderTest
  extends Pick<
    ProviderUnderTest,
    'kind' | 'createStandIn' | 'settings' | 'secrets' | 'refuse' | 'isCall'
  > {
  protocol: TensorProtocol;
  /** What the service calls an endpoint that computes {@link TOTALS}. */
  model: string;
}

/** What endpoints that take tensors have to do, tried over the Open Inference Protocol through a whole data plane. */
export function describeTensorProvider(provider: TensorProviderUnderTest) {
  const { kind, protocol, model, isCall = () => true } = provider;

  describe(`tensors at the provider ${kind}, as ${protocol}`, () => {
    let server: TestServer;
    let standIn: StandIn;
    let secrets: ReturnType<ProviderUnderTest['secrets']>;
    let script: StandIn['script'];

    const calls = () => standIn.calls.filter(isCall);
    /** Answers calls for tensors so, and those for tokens as before. */
    const answerSo = (answer: StandIn['script']) => {
      standIn.script = (call, response) =>
        (isCall(call) ? answer : script)(call, response);
    };
    const ask = (
      rows: { id: string; x: number[] }[],
      rest: { outputs?: object[]; signal?: AbortSignal } = {},
    ) =>
      server.infer(
        'totals',
        `{"inputs":[${[
          `{"name":"id","datatype":"INT64","shape":[${
            rows.length
          }],"data":[${rows.map(({ id }) => id)}]}`,
          JSON.stringify({
            name: 'x',
            datatype: 'FP32',
            shape: [rows.length, 3],
            data: rows.flatMap(({ x }) => x),
          }),
        ]}]${
          rest.outputs ? `,"outputs":${JSON.stringify(rest.outputs)}` : ''
        }}`,
        { signal: rest.signal },
      );
    const one = [{ id: '1', x: [1, 2, 3] }];

    beforeEach(async () => {
      standIn = provider.createStandIn();
      script = standIn.script;
      await standIn.start();
      secrets = provider.secrets(standIn.url);
      Object.assign(process.env, secrets.right);
      server = await TestServer.create();
      const variant = addExternalModel(server.controlPlane, {
        descriptor: {
          connection: 'endpoints',
          model,
          tasks: [],
          tensors: { protocol, signature: TOTALS },
        },
        connection: {
          name: 'endpoints',
          kind,
          settings: JSON.parse(JSON.stringify(provider.settings(standIn))),
        },
      });
      server.controlPlane.snapshot = snapshotOf(
        [routeOf('totals', [variant])],
        [keyOf('gr_all', ['*'])],
      );
      await server.start();
      await waitFor(
        async () =>
          (
            await server.send('/v2/models/totals/ready', { key: 'gr_all' })
          ).status === 200,
      );
    });
    afterEach(async () => {
      for (const name of Object.keys(secrets.right)) delete process.env[name];
      await server.close();
      await standIn.stop();
    });

    it('answers as if the model ran here, with every digit of long integers', async () => {
      const { status, body } = await ask([
        { id: '9007199254740993', x: [1, 2, 3] },
        { id: '-9223372036854775808', x: [0.5, -0.25, 4] },
      ]);
      expect(status).toBe(200);
      expect(String(body)).toBe(
        '{"model_name":"totals","model_version":"1","outputs":[' +
          '{"name":"id","datatype":"INT64","shape":[2],"data":[9007199254740993,-9223372036854775808]},' +
          '{"name":"total","datatype":"FP32","shape":[2,1],"data":[6,4.25]}]}',
      );
    });

    it('describes the model by its descriptor, and gives the outputs that are asked for', async () => {
      const { json: said } = await server.send('/v2/models/totals', {
        key: 'gr_all',
      });
      expect(said.inputs).toEqual(TOTALS.inputs);
      const { json } = await ask(one, { outputs: [{ name: 'total' }] });
      expect(json.outputs.map(({ name }: { name: string }) => name)).toEqual([
        'total',
      ]);
    });

    it('holds answers in the room that there is, and no more', async () => {
      await server.stop();
      await server.start({ GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: '1048576' });
      answerSo((_call, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(' '.repeat(2 * 1_048_576));
      });
      const { status, json } = await ask(one);
      expect(status).toBe(503);
      expect(json.error).toContain('are being answered already');
    });

    it('refuses what does not fit the signature before anybody is asked', async () => {
      const { status } = await server.infer('totals', {
        inputs: [
          { name: 'x', datatype: 'FP64', shape: [1, 3], data: [1, 2, 3] },
        ],
      });
      expect(status).toBe(400);
      expect(calls()).toHaveLength(0);
    });

    it('passes on the reason where the request is to blame', async () => {
      answerSo((_call, response) =>
        provider.refuse(response, 400, 'x is out of range'),
      );
      const { status, json } = await ask(one);
      expect(status).toBe(400);
      expect(json.error).toContain('x is out of range');
    });

    it('says 502 and no secret when the secret is not taken', async () => {
      answerSo((_call, response) =>
        provider.refuse(
          response,
          403,
          `no: ${Object.values(secrets.right).join(' ')}`,
        ),
      );
      const { status, json } = await ask(one);
      expect(status).toBe(502);
      for (const secret of Object.values(secrets.right)) {
        expect(JSON.stringify(json)).not.toContain(secret);
      }
    });

    it.each([
      ['no JSON', 'oops'],
      ['an empty object', '{}'],
      [
        'too few rows',
        '{"predictions":[],"outputs":[{"name":"id","datatype":"INT64","shape":[0],"data":[]}]}',
      ],
      [
        'another datatype',
        '{"predictions":[{"id":"1","total":[6]}],"outputs":[{"name":"id","datatype":"BYTES","shape":[1],"data":["1"]}]}',
      ],
      [
        'another shape',
        '{"predictions":[{"id":[1],"total":[6]}],"outputs":[{"name":"id","datatype":"INT64","shape":[1,1],"data":[1]}]}',
      ],
      [
        'nested without end',
        `{"predictions":[{"id":${'['.repeat(20_000)}1${']'.repeat(
          20_000,
        )},"total":[6]}],"outputs":[{"name":"id","datatype":"INT64","shape":[1],"data":[${'['.repeat(
          20_000,
        )}1${']'.repeat(20_000)}]}]}`,
      ],
      [
        'a number that the datatype cannot hold',
        '{"predictions":[{"id":1.5,"total":[6]}],"outputs":[{"name":"id","datatype":"INT64","shape":[1],"data":[1.5]}]}',
      ],
    ])('says 502 when the answer is %s', async (_what, text) => {
      answerSo((_call, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(text);
      });
      const { status, json } = await ask(one);
      expect(status).toBe(502);
      expect(json.error).toContain('its answer');
    });

    it('tries again what may pass, and not more than three times', async () => {
      answerSo((_call, response) => provider.refuse(response, 503, 'busy'));
      expect((await ask(one)).status).toBe(502);
      expect(calls()).toHaveLength(3);
    });

    it('stops the service when the caller goes', async () => {
      let asked: ReceivedCall | undefined;
      answerSo(call => {
        asked = call;
      });
      const abort = new AbortController();
      const answer = ask(one, { signal: abort.signal });
      await waitFor(async () => asked !== undefined);
      const goneMillis = performance.now();
      abort.abort();
      await expect(answer).rejects.toThrow();
      await waitFor(async () => asked?.abortedAtMillis !== undefined);
      expect(asked!.abortedAtMillis! - goneMillis).toBeLessThan(1_000);
    });
  });
}
