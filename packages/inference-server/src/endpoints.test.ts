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
      extensions: ['binary_tensor_data'],
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

  it('says whether a model is ready, without a key', async () => {
    for (const path of ['', '/versions/1']) {
      const { status, json } = await server.send(
        `/v2/models/classifier${path}/ready`,
      );
      expect([status, json]).toEqual([
        200,
        { name: 'classifier', ready: true },
      ]);
    }
    const unknown = await server.send('/v2/models/nothing/ready');
    expect([unknown.status, unknown.json]).toEqual([
      404,
      { error: 'unknown model "nothing"' },
    ]);
    const version = await server.send('/v2/models/classifier/versions/7/ready');
    expect(version.status).toBe(404);
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
    const unknown = await server.send('/v1/models');
    expect([unknown.status, unknown.json]).toEqual([
      404,
      {
        error:
          'unknown path "/v1/models": this server speaks the Open Inference Protocol v2, see GET /v2',
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
