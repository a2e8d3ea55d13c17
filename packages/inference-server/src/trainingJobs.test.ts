import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { keyOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const JOB = '7f4c0f0e-7a35-4c3e-9c9c-0a5c9c1d8f11';
const VISION = 'group:default/vision';

/** A data plane whose control plane has training jobs. */
describe('training jobs at the data plane', () => {
  let server: TestServer;
  const asked: {
    call: string;
    headers: IncomingMessage['headers'];
    body: string;
  }[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    server = await TestServer.create(
      snapshotOf(
        [],
        [
          keyOf('gr_train', ['*'], { scopes: ['train'], owner: VISION }),
          keyOf('gr_calls', ['*'], { scopes: ['versions'], owner: VISION }),
          keyOf('gr_nobody', ['*'], { scopes: ['train'] }),
          keyOf('gr_limited', ['*'], {
            scopes: ['train'],
            owner: VISION,
            requestLimits: { requestsPerSecond: 0.001, burst: 1, mode: 'hard' },
          }),
        ],
      ),
    );
    server.controlPlane.training = async (request, response) => {
      asked.push({
        call: `${request.method} ${request.url}`,
        headers: request.headers,
        body: await text(request),
      });
      answer(request, response);
    };
    await server.start();
  });
  beforeEach(() => {
    asked.length = 0;
    answer = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id: JOB }));
  });
  afterAll(() => server.close());

  const train = (path = '', options: Parameters<TestServer['send']>[1] = {}) =>
    server.send(`/ai/training/jobs${path}`, { key: 'gr_train', ...options });

  it.each([
    ['GET', '?phase=running&limit=2'],
    ['POST', ''],
    ['GET', `/${JOB}`],
    ['GET', `/${JOB}/log?fromByte=7`],
    ['POST', `/${JOB}/cancel`],
    ['POST', `/${JOB}/retry`],
  ] as const)(
    'asks the control plane in the name of the owner of the key: %s %s',
    async (method, path) => {
      const body = method === 'POST' && path === '' ? '{"template":"a"}' : '';
      const { status, json } = await train(path, {
        method,
        ...(body && { body }),
        headers: {
          'content-type': 'application/json',
          'x-greenroom-key-owner': 'group:default/others',
          cookie: 'a=b',
        },
      });
      expect([status, json]).toEqual([200, { id: JOB }]);
      expect(asked).toMatchObject([
        {
          call: `${method} /api/ai-training/edge/environments/production/jobs${path}`,
          headers: {
            authorization: 'Bearer control-plane-token',
            'x-greenroom-key-owner': VISION,
            'x-greenroom-key-id': expect.any(String),
          },
          body,
        },
      ]);
      // Nothing of the caller's goes on but what is asked.
      expect(asked[0].headers).not.toHaveProperty('cookie');
    },
  );

  it.each([
    ['gr_calls', 403, 'needs its scope "train"'],
    ['gr_unknown', 401, 'the key is unknown'],
    ['gr_nobody', 503, 'does not say who owns keys yet'],
  ])('asks nothing for the key %s', async (key, status, message) => {
    const refused = await train('', { key });
    expect(refused.status).toBe(status);
    expect(refused.json.error.message).toContain(message);
    expect(asked).toEqual([]);
  });

  it('holds the limits of the key', async () => {
    expect((await train('', { key: 'gr_limited' })).status).toBe(200);
    const { status, headers } = await train('', { key: 'gr_limited' });
    expect(status).toBe(429);
    expect(headers).toHaveProperty('retry-after');
    expect(asked).toHaveLength(1);
  });

  it('takes no body that is larger than any job, and no other method or path', async () => {
    const large = await train('', {
      method: 'POST',
      body: Buffer.alloc(300 * 1024, 'x'),
    });
    expect(large.status).toBe(413);
    const put = await train(`/${JOB}/cancel`);
    expect([put.status, put.headers.allow]).toEqual([405, 'POST']);
    for (const path of ['/7', `/${JOB}/source`, `/${JOB}/log/1`, '/..%2fx']) {
      const unknown = await train(path);
      expect(unknown.status).toBe(404);
      expect(unknown.json.error.message).toContain('/ai/training/jobs');
    }
    expect(asked).toEqual([]);
  });

  it.each([
    [400, 'parameters.epochs: expected at least 1, got 0'],
    [404, `There is no training job '${JOB}'`],
    [409, 'It is running'],
  ])('passes on why it is refused with %d', async (status, message) => {
    answer = (_request, response) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { name: 'Error', message } }));
    const refused = await train(`/${JOB}`);
    expect(refused.status).toBe(status);
    expect(refused.json).toEqual({
      error: {
        message,
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    });
  });

  it('says that it is not let in by the control plane, and nothing of its token', async () => {
    answer = (_request, response) => response.writeHead(403).end('no');
    const refused = await train();
    expect(refused.status).toBe(502);
    expect(refused.json.error.message).toContain('ai-training.job.forward');
    expect(refused.json.error.message).not.toContain('control-plane-token');
  });

  it('answers 503 with a time to come again while the control plane is away', async () => {
    server.controlPlane.failsWith = 503;
    const busy = await train();
    server.controlPlane.failsWith = undefined;
    expect([busy.status, busy.headers['retry-after']]).toEqual([503, '2']);
    await server.controlPlane.stop();
    const away = await train();
    expect([away.status, away.headers['retry-after']]).toEqual([503, '5']);
    expect(away.json.error.message).toContain('which does not answer');
    await server.controlPlane.start();
    expect((await train()).status).toBe(200);
  });

  it('passes a log on as it comes, and stops asking when the caller goes away', async () => {
    let upstream: ServerResponse | undefined;
    let isGone = false;
    answer = (_request, response) => {
      upstream = response;
      response.once('close', () => {
        isGone = true;
      });
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'x-powered-by': 'somebody',
      });
      response.write('id: 1:2\nevent: log\ndata: {}\n\n');
    };
    const controller = new AbortController();
    const followed = await fetch(`${server.url}/ai/training/jobs/${JOB}/log`, {
      headers: {
        authorization: 'Bearer gr_train',
        accept: 'text/event-stream',
        'last-event-id': '1:0',
      },
      signal: controller.signal,
    });
    expect(followed.headers.get('content-type')).toContain('event-stream');
    expect(followed.headers.has('x-powered-by')).toBe(false);
    expect(asked[0].headers).toMatchObject({
      accept: 'text/event-stream',
      'last-event-id': '1:0',
    });
    const reader = followed.body!.getReader();
    const first = await reader.read();
    expect(Buffer.from(first.value!).toString()).toContain('id: 1:2');
    upstream!.write('id: 1:9\nevent: log\ndata: {}\n\n');
    const second = await reader.read();
    expect(Buffer.from(second.value!).toString()).toContain('id: 1:9');
    expect(isGone).toBe(false);
    controller.abort();
    await waitFor(() => isGone);
  });

  it('reads no faster than the caller does', async () => {
    let written = 0;
    let isFull = false;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const more = () => {
        isFull = false;
        while (!isFull && written < 256 * 1024 * 1024) {
          written += chunk.length;
          isFull = !response.write(chunk);
        }
      };
      response.on('drain', more);
      more();
    };
    const controller = new AbortController();
    const slow = await fetch(`${server.url}/ai/training/jobs/${JOB}/log`, {
      headers: { authorization: 'Bearer gr_train' },
      signal: controller.signal,
    });
    await slow.body!.getReader().read();
    await waitFor(() => isFull);
    const before = written;
    await new Promise(resolve => setTimeout(resolve, 500));
    // What sockets hold may still move; what is held here does not grow.
    expect(written - before).toBeLessThan(32 * 1024 * 1024);
    expect(written).toBeLessThan(128 * 1024 * 1024);
    controller.abort();
  });
});
