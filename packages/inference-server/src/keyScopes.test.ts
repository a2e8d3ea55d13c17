import { row } from './testing/allModels';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(60_000);

const NEEDS =
  /may not have a version answer that it names: that needs its scope "versions", which its owner gives it in the portal, under Inference, Keys$/;

describe('the scope "versions" of a key', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.create(
      snapshotOf(
        [routeOf('linear', [variantOf('linear-1')])],
        [
          keyOf('gr_none', ['*'], { scopes: [] }),
          keyOf('gr_versions', ['*'], { scopes: ['versions', 'to-come'] }),
          keyOf('gr_load', ['*'], { scopes: ['load'] }),
          keyOf('gr_earlier', ['*']),
        ],
      ),
    );
    await server.start();
  });
  afterAll(() => server.close());

  const chat = {
    model: 'linear@1',
    messages: [{ role: 'user', content: 'a' }],
  };
  const WAYS: [string, string, Record<string, string>, object][] = [
    ['a path', '/v2/models/linear/versions/1/infer', {}, row],
    ['a header', '/v2/models/linear/infer', { 'x-model-version': '1' }, row],
    [
      'a path of another version, whether there is one or not',
      '/v2/models/linear/versions/9/infer',
      {},
      row,
    ],
    ['an explanation', '/v2/models/linear/versions/1/explain', {}, row],
    ['model@version', '/v1/chat/completions', {}, chat],
  ];
  const send = (path: string, key: string, headers = {}, body: object = row) =>
    server.send(path, {
      method: 'POST',
      key,
      headers,
      body: JSON.stringify(body),
    });

  it.each(WAYS)(
    'is needed to name one by %s',
    async (_way, path, headers, body) => {
      for (const key of ['gr_none', 'gr_load']) {
        const { status, json } = await send(path, key, headers, body);
        const { message = json.error, code = 'scope_missing' } = json.error;
        expect([status, code, message]).toEqual([
          403,
          'scope_missing',
          expect.stringMatching(NEEDS),
        ]);
      }
      for (const key of ['gr_versions', 'gr_earlier']) {
        expect((await send(path, key, headers, body)).status).not.toBe(403);
      }
    },
  );

  it('is needed by calls of a batch', async () => {
    const calls = [1, 2].map(version => ({
      path: `/v2/models/linear/${version === 1 ? 'versions/1/' : ''}infer`,
      body: row,
    }));
    const { json } = await send('/ai/batch', 'gr_none', {}, { calls });
    expect(json.results.map((each: { status: number }) => each.status)).toEqual(
      [403, 200],
    );
  });

  it('is not needed to be answered by the split, or to read of versions', async () => {
    expect((await send('/v2/models/linear/infer', 'gr_none')).status).toBe(200);
    for (const what of ['', '/config', '/stats', '/ready']) {
      const { status } = await server.send(
        `/v2/models/linear/versions/1${what}`,
        { key: 'gr_none' },
      );
      expect(status).toBe(200);
    }
  });
});
