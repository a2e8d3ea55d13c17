import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { ALL_MODELS, ALL_MODELS_SNAPSHOT, row } from './testing/allModels';
import { SIGNATURES, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(ALL_MODELS_SNAPSHOT);
  await server.start({ GREENROOM_MAX_BODY_BYTES: '4096' });
});

afterAll(() => server.close());

describe('server', () => {
  it.each(['/v2', '/v2/'])('describes itself at %s', async path => {
    const { status, json } = await server.send(path);
    expect(status).toBe(200);
    expect(json).toEqual({
      name: 'greenroom',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: [
        'binary_tensor_data',
        'classification',
        'model_configuration',
        'model_repository',
        'statistics',
      ],
    });
  });

  it('is live and ready without a key', async () => {
    expect((await server.send('/v2/health/live')).json).toEqual({ live: true });
    const ready = await server.send('/v2/health/ready');
    expect([ready.status, ready.json]).toEqual([200, { ready: true }]);
    expect(
      (await server.send('/v2/health/live', { method: 'HEAD' })).status,
    ).toBe(200);
  });

  it('lists the models that the key may call', async () => {
    const all = await server.send('/v2/models', { key: 'gr_all' });
    expect(all.json).toEqual({ models: [...ALL_MODELS].sort() });
    const some = await server.send('/v2/models', { key: 'gr_linear' });
    expect(some.json).toEqual({ models: ['linear-1'] });
    expect((await server.send('/v2/models')).status).toBe(401);
  });

  it.each([
    ['/v2/models/classifier', 200],
    ['/v2/models/classifier/versions/1', 200],
  ])('describes a model at %s', async (path, expected) => {
    const { status, json } = await server.send(path, { key: 'gr_all' });
    expect(status).toBe(expected);
    expect(json).toEqual({
      name: 'classifier',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      ...SIGNATURES.classifier,
      properties: { version: '1', digest: variantOf('classifier').digest },
    });
  });

  it('says whether a model is ready to those who may call it', async () => {
    for (const path of ['', '/versions/1']) {
      const { status, json } = await server.send(
        `/v2/models/classifier${path}/ready`,
        { key: 'gr_all' },
      );
      expect([status, json]).toEqual([
        200,
        { name: 'classifier', ready: true },
      ]);
    }
    const unknown = await server.send('/v2/models/nothing/ready', {
      key: 'gr_all',
    });
    expect(unknown.status).toBe(404);
    const version = await server.send(
      '/v2/models/classifier/versions/7/ready',
      { key: 'gr_all' },
    );
    expect(version.status).toBe(404);
  });

  it.each([[undefined], ['gr_wrong'], ['gr_linear']])(
    'tells nobody else which models and versions there are (key %s)',
    async key => {
      const paths = ['', '/versions/1', '/versions/7'];
      const answers = await Promise.all(
        ['classifier', 'nothing'].flatMap(model =>
          paths.map(async path => {
            const { status, json } = await server.send(
              `/v2/models/${model}${path}/ready`,
              { key },
            );
            return [status, json.error.replace(model, 'M')];
          }),
        ),
      );
      expect(answers[0][0]).toBe(key === 'gr_linear' ? 403 : 401);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    },
  );

  it('keeps the metrics and the probes on a port of their own', async () => {
    const { adminUrl: url } = server;
    const outside = await server.send('/metrics', { key: 'gr_all' });
    expect(outside.status).toBe(404);
    expect(await server.metrics()).toContain('\ngreenroom_ready 1\n');
    const probes = await Promise.all(
      ['live', 'ready'].map(probe =>
        server.send(`/v2/health/${probe}`, { url }),
      ),
    );
    expect(probes.map(({ status, json }) => [status, json])).toEqual([
      [200, { live: true }],
      [200, { ready: true }],
    ]);
    const models = await server.send('/v2/models', { url, key: 'gr_all' });
    expect(models.status).toBe(404);
    const post = await server.send('/metrics', { url, method: 'POST' });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('takes a request target in absolute form', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end(
      `GET ${server.url}/v2/models/linear-1?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: gr_all\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 200 OK.*"name":"linear-1"/s,
    );
  });

  it('refuses other methods and paths', async () => {
    const get = await server.send('/v2/models/simple/infer');
    expect([get.status, get.headers.allow, get.json]).toEqual([
      405,
      'POST',
      { error: 'method GET is not allowed here: expected POST' },
    ]);
    const put = await server.send('/v2', { method: 'PUT' });
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, HEAD']);
    const unknown = await server.send('/v3/models');
    expect([unknown.status, unknown.json]).toEqual([
      404,
      {
        error:
          'unknown path "/v3/models": this server speaks the Open Inference Protocol v2, see GET /v2',
      },
    ]);
    expect((await server.send('/v2/models/%ff/ready')).status).toBe(404);
  });
});

describe('keys', () => {
  it('are taken from either header', async () => {
    const body = JSON.stringify(row);
    const path = '/v2/models/linear-1/infer';
    const spellings: Record<string, string>[] = [
      { authorization: 'Bearer gr_linear' },
      { authorization: 'bearer gr_linear' },
      { 'x-api-key': 'gr_linear' },
    ];
    for (const headers of spellings) {
      const answer = await server.send(path, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
    }
  });

  it.each([
    [{}, 'a key is needed'],
    [{ authorization: 'Basic Z3I6Z3I=' }, 'a key is needed'],
    [{ authorization: 'Bearer gr_wrong' }, 'the key is unknown or was revoked'],
    [{ 'x-api-key': 'gr_wrong' }, 'the key is unknown or was revoked'],
  ])('are asked for: %j', async (headers, message) => {
    const answer = await server.send('/v2/models/linear-1/infer', {
      method: 'POST',
      headers: { ...headers } as Record<string, string>,
      body: JSON.stringify(row),
    });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json.error).toContain(message);
    expect(answer.json.error).not.toContain('gr_wrong');
  });

  it('hold for their models only', async () => {
    const answer = await server.infer('simple', row, { key: 'gr_linear' });
    expect([answer.status, answer.json]).toEqual([
      403,
      { error: 'the key "name of gr_linear" may not call model "simple"' },
    ]);
  });
});
