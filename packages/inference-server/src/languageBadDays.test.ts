import { OpenAI } from 'openai';
import { setTimeout } from 'node:timers/promises';
import { request } from 'node:http';
import {
  createOpenAiStandIn,
  openAiUnderTest,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { StandIn } from './providers/testing/StandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const HELLO = [{ role: 'user' as const, content: 'Hello' }];

let server: TestServer;
let standIn: StandIn;

const clientOf = (apiKey: string) =>
  new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 });

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = createOpenAiStandIn();
  await standIn.start();
  server = await TestServer.create();
  serve(['gr_one', 'gr_two']);
  await server.start();
  await waitFor(
    async () =>
      (await server.send('/v1/models', { key: 'gr_one' })).json.data.length > 0,
  );
});
afterEach(async () => {
  // Whatever happened, nothing is held any more.
  await waitFor(async () => {
    const metrics = await server.metrics();
    return (
      metrics.includes('\ngreenroom_requests_in_flight 0\n') &&
      metrics.includes('\ngreenroom_request_bytes_in_flight 0\n')
    );
  });
  delete process.env.STAND_IN_KEY;
  await server.close();
  await standIn.stop();
});

function serve(keys: string[]) {
  const variant = addExternalModel(server.controlPlane, {
    connection: {
      name: 'llm',
      kind: 'openai',
      settings: { baseUrl: `${standIn.url}/v1`, secret: 'env:STAND_IN_KEY' },
    },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    keys.map(key => keyOf(key, ['*'])),
  );
}

it('ends a running answer when its key is revoked, and no other', async () => {
  standIn.script = async (_call, response) => {
    openAiUnderTest.beginStream(response);
    const chunk = {
      choices: [{ index: 0, delta: { content: 'b' }, finish_reason: null }],
    };
    for (let i = 0; i < 60 && !response.destroyed; i++) {
      await setTimeout(50);
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  };
  const read = async (key: string) => {
    let chunks = 0;
    const stream = await clientOf(key).chat.completions.create({
      model: 'bot',
      messages: HELLO,
      stream: true,
    });
    for await (const chunk of stream) chunks += chunk.choices.length;
    return chunks;
  };
  const revoked = read('gr_one').catch((error: unknown) => String(error));
  const kept = read('gr_two');
  await waitFor(() => standIn.calls.length === 2);
  serve(['gr_two']);
  expect(await revoked).toMatch(/unknown or was revoked/);
  expect(await kept).toBe(61);
});

it('carries a prompt of 10 MB', async () => {
  const content = 'ü'.repeat(5 * 1024 * 1024);
  const answer = await clientOf('gr_one').chat.completions.create({
    model: 'bot',
    messages: [{ role: 'user', content }],
  });
  expect(answer.choices[0].message.content).toHaveLength(
    'You said: '.length + content.length,
  );
});

it('refuses a prompt that is larger than a body may be', async () => {
  const answer = await server.send('/v1/chat/completions', {
    method: 'POST',
    key: 'gr_one',
    body: Buffer.alloc(17 * 1024 * 1024, ' '),
  });
  expect(answer.status).toBe(413);
  expect(answer.json.error.code).toBe('request_too_large');
});

it('tells each of many callers of the limit, asks no more while it lasts, and is there when it is over', async () => {
  const works = standIn.script;
  standIn.script = (_call, response) =>
    openAiUnderTest.refuse(response, 429, 'Slow down.', {
      'retry-after': '3',
    });
  const client = clientOf('gr_one');
  const call = () =>
    client.chat.completions.create({ model: 'bot', messages: HELLO });
  const statuses = await Promise.all(
    Array.from({ length: 100 }, () =>
      call().then(
        () => 200,
        ({ status }: { status: number }) => status,
      ),
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([429]));
  const asked = standIn.calls.length;
  expect(asked).toBeLessThanOrEqual(100);
  standIn.script = works;
  await expect(call()).rejects.toMatchObject({
    status: 429,
    message: expect.stringMatching(
      /the connection "llm": the provider's limit is reached: it is tried again in \d s/,
    ),
  });
  expect(standIn.calls).toHaveLength(asked);
  await setTimeout(3_000);
  expect((await call()).choices).toHaveLength(1);
});

it('leaves a service alone that fails, and tries it again later', async () => {
  standIn.script = (_call, response) =>
    openAiUnderTest.refuse(response, 500, 'Broken.', { 'retry-after': '30' });
  const call = () =>
    server.send('/v1/chat/completions', {
      method: 'POST',
      key: 'gr_one',
      body: JSON.stringify({ model: 'bot', messages: HELLO }),
    });
  const statuses = [];
  for (let i = 0; i < 80; i++) statuses.push((await call()).status);
  expect(statuses[0]).toBe(502);
  const last = await call();
  expect(last.status).toBe(503);
  expect(last.json.error.message).toMatch(/too many of the last calls failed/);
  expect(standIn.calls.length).toBeLessThan(80);
});

it('forgets a caller that goes away while it sends', async () => {
  const target = new URL('/v1/chat/completions', server.url);
  const call = request(target, {
    method: 'POST',
    headers: { authorization: 'Bearer gr_one', 'content-length': '1000' },
  });
  call.on('error', () => undefined);
  call.write('{"model":');
  await waitFor(async () =>
    (await server.metrics()).includes('\ngreenroom_requests_in_flight 1\n'),
  );
  call.destroy();
  await waitFor(async () =>
    (await server.metrics()).includes('\ngreenroom_requests_in_flight 0\n'),
  );
  expect(standIn.calls).toHaveLength(0);
});

it.each(['/v1/chat/completions', '/v1/embeddings'])(
  'holds whole answers of providers in the room that there is, and no more: %s',
  async path => {
    await server.stop();
    const mebibyte = 1024 * 1024;
    await server.start({
      GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: String(mebibyte),
    });
    let answered = 0;
    standIn.script = async (_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (let i = 0; i < 16 && !response.destroyed; i++) {
        response.write(' '.repeat(mebibyte));
        answered += mebibyte;
        await setTimeout(20);
      }
      response.end('{}');
    };
    const answer = await server.send(path, {
      method: 'POST',
      key: 'gr_one',
      body: JSON.stringify({ model: 'bot', messages: HELLO, input: 'Hello' }),
    });
    expect(answer.status).toBe(503);
    expect(answer.json.error.message).toContain(
      'are being answered already: try again later',
    );
    expect(answered).toBeLessThan(8 * mebibyte);
  },
);

it('does not pass on a part of a stream that is no chunk', async () => {
  for (const data of ['{"half":', '[]', '{"choices":null}']) {
    standIn.script = (_call, response) => {
      openAiUnderTest.beginStream(response);
      response.end(`data: ${data}\n\ndata: [DONE]\n\n`);
    };
    const stream = await clientOf('gr_one').chat.completions.create({
      model: 'bot',
      messages: HELLO,
      stream: true,
    });
    const read = async () => {
      for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    };
    await expect(read()).rejects.toThrow(/a part of its answer is/);
  }
});
