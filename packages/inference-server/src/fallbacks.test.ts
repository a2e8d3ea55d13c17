import type { ManifestLanguageModel } from '@greenroom/plugin-ai-inference-common';
import { OpenAI } from 'openai';
import {
  createOpenAiStandIn,
  openAiUnderTest,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { Script, StandIn } from './providers/testing/StandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const ALL: NonNullable<ManifestLanguageModel['fallbacks']>[number]['when'] = [
  'unavailable',
  'rate-limited',
  'timed-out',
  'context-too-long',
];

let server: TestServer;
/** By the model that each stands behind. */
let standIns: Record<'bot' | 'second' | 'third', StandIn>;

/** Serves three models, each at a service of its own. */
async function serve(
  sections: Record<string, ManifestLanguageModel | undefined>,
  settings: Record<string, string> = {},
): Promise<void> {
  const routes = Object.entries(standIns).map(([model, { url }]) => {
    const variant = addExternalModel(server.controlPlane, {
      descriptor: { model: `upstream-of-${model}` },
      connection: {
        name: model,
        kind: 'openai',
        settings: { baseUrl: `${url}/v1`, secret: 'env:STAND_IN_KEY' },
      },
    });
    return { ...routeOf(model, [variant]), languageModel: sections[model] };
  });
  server.controlPlane.snapshot = snapshotOf(routes, [
    keyOf('gr_all', ['*']),
    keyOf('gr_bot', ['bot']),
    keyOf('gr_second', ['second']),
  ]);
  await server.start(settings);
}

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIns = {
    bot: createOpenAiStandIn(),
    second: createOpenAiStandIn(),
    third: createOpenAiStandIn(),
  };
  await Promise.all(Object.values(standIns).map(one => one.start()));
  server = await TestServer.create();
});
afterEach(async () => {
  await waitFor(async () =>
    (await server.metrics()).includes('\ngreenroom_requests_in_flight 0\n'),
  );
  delete process.env.STAND_IN_KEY;
  await server.close();
  await Promise.all(Object.values(standIns).map(one => one.stop()));
});

const HELLO = [{ role: 'user' as const, content: 'Hello' }];
const chat = (body: Record<string, unknown> = {}, key = 'gr_bot') =>
  server.send('/v1/chat/completions', {
    method: 'POST',
    key,
    body: JSON.stringify({ model: 'bot', messages: HELLO, ...body }),
  });
const clientOf = (apiKey: string) =>
  new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 });
const refuse =
  (status: number, message = 'Not now.'): Script =>
  (_call, response) =>
    openAiUnderTest.refuse(response, status, message, { 'retry-after': '30' });
const callsOf = (model: keyof typeof standIns) => standIns[model].calls.length;

describe('fallbacks', () => {
  it.each<[string, Script, string]>([
    ['is unavailable', refuse(500), 'unavailable'],
    ['has a limit', refuse(429), 'rate-limited'],
    [
      'has too short a context',
      refuse(400, "This model's maximum context length is 10 tokens."),
      'context-too-long',
    ],
    ['does not begin to answer', () => {}, 'timed-out'],
  ])(
    'answer where the model %s, under the key for that one',
    async (_what, script, reason) => {
      await serve(
        { bot: { fallbacks: [{ model: 'second', when: ALL }] } },
        { GREENROOM_UPSTREAM_FIRST_BYTE_SECONDS: '1' },
      );
      standIns.bot.script = script;
      const { status, headers, json } = await chat();
      expect(status).toBe(200);
      expect(json.choices[0].message.content).toBe('You said: Hello');
      expect(headers).toMatchObject({
        'x-greenroom-model': 'second',
        'x-greenroom-version': '1',
        'x-greenroom-fallback-from': 'bot',
      });
      expect(standIns.second.calls[0].json.model).toBe('upstream-of-second');
      expect(await server.metrics()).toContain(
        `greenroom_fallbacks_total{from="bot",to="second",reason="${reason}",status="200"} 1`,
      );
    },
  );

  it('are recorded as the error of the one and the answer of the other', async () => {
    await serve({ bot: { fallbacks: [{ model: 'second', when: ALL }] } });
    standIns.bot.script = refuse(500);
    await chat();
    const groupsOf = (model: string) =>
      server.controlPlane.taken
        .flatMap(({ groups }) => groups)
        .filter(group => group.model === model);
    await waitFor(() => groupsOf('second').length > 0);
    const [failed] = groupsOf('bot');
    expect(failed).toMatchObject({ version: 1, status: [502] });
    expect(failed).not.toHaveProperty('fallbacks');
    expect(groupsOf('second')).toMatchObject([
      { version: 1, status: [200], outputTokens: [5], fallbacks: [1] },
    ]);
  });

  it('are not asked for what they are not named for, nor where the request is to blame', async () => {
    await serve({
      bot: { fallbacks: [{ model: 'second', when: ['rate-limited'] }] },
    });
    standIns.bot.script = refuse(500);
    expect((await chat()).status).toBe(502);
    standIns.bot.script = refuse(400, 'temperature is too hot');
    const refused = await chat();
    expect(refused.status).toBe(400);
    expect(refused.json.error.message).toBe('temperature is too hot');
    expect(callsOf('second')).toBe(0);
  });

  it('are asked in their order, and nobody beyond the list', async () => {
    await serve({
      bot: {
        fallbacks: [
          { model: 'gone', when: ALL },
          { model: 'second', when: ALL },
        ],
      },
      second: { fallbacks: [{ model: 'third', when: ALL }] },
      third: { fallbacks: [{ model: 'bot', when: ALL }] },
    });
    standIns.bot.script = refuse(429, 'Bot is tired.');
    standIns.second.script = refuse(500);
    const { status, headers, json } = await chat();
    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('30');
    expect(json.error.message).toContain('Bot is tired.');
    expect(callsOf('third')).toBe(0);
    await waitFor(() =>
      server.controlPlane.taken.some(({ groups }) =>
        groups.some(({ model, status: all }) => model === 'second' && all[0]),
      ),
    );
  });

  it('answer streams that fail before their first part, and no others', async () => {
    await serve({ bot: { fallbacks: [{ model: 'second', when: ALL }] } });
    standIns.bot.script = (_call, response) => {
      openAiUnderTest.beginStream(response);
      response.end();
    };
    const half = await clientOf('gr_bot').chat.completions.create({
      model: 'bot',
      messages: HELLO,
      stream: true,
    });
    const read = async () => {
      let text = '';
      for await (const chunk of half) {
        text += chunk.choices[0]?.delta.content ?? '';
      }
      return text;
    };
    await expect(read()).rejects.toThrow(/ended before it was whole/);
    expect(callsOf('second')).toBe(0);
    standIns.bot.script = (_call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"error":{"message":"No room."}}\n\n');
    };
    const stream = await clientOf('gr_bot').chat.completions.create({
      model: 'bot',
      messages: HELLO,
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('You said: Hello');
  });

  it('answer the Responses API and batches', async () => {
    await serve({ bot: { fallbacks: [{ model: 'second', when: ALL }] } });
    standIns.bot.script = refuse(500);
    const answer = await clientOf('gr_bot').responses.create({
      model: 'bot',
      input: 'Hello',
      store: false,
    });
    expect(answer.output_text).toBe('You said: Hello');
    const { json } = await server.send('/ai/batch', {
      method: 'POST',
      key: 'gr_bot',
      body: JSON.stringify({
        calls: [{ path: '/ai/chat', body: { model: 'bot', messages: HELLO } }],
      }),
    });
    expect(json.results).toMatchObject([
      { id: '0', status: 200, fallbackFrom: 'bot' },
    ]);
  });

  it('never answer with vectors of another model, nor for a version that was named', async () => {
    await serve({ bot: { fallbacks: [{ model: 'second', when: ALL }] } });
    standIns.bot.script = refuse(500);
    const embedded = await server.send('/v1/embeddings', {
      method: 'POST',
      key: 'gr_bot',
      body: JSON.stringify({ model: 'bot', input: 'Hello' }),
    });
    expect(embedded.status).toBe(502);
    expect((await chat({ model: 'bot@1' })).status).toBe(502);
    expect(callsOf('second')).toBe(0);
  });

  it('all begin within the time for one answer', async () => {
    await serve(
      {
        bot: {
          fallbacks: [
            { model: 'second', when: ALL },
            { model: 'third', when: ALL },
          ],
        },
      },
      {
        GREENROOM_UPSTREAM_FIRST_BYTE_SECONDS: '2',
        GREENROOM_UPSTREAM_TOTAL_SECONDS: '3',
      },
    );
    for (const standIn of Object.values(standIns)) standIn.script = () => {};
    const startedMillis = performance.now();
    expect((await chat()).status).toBe(504);
    expect(performance.now() - startedMillis).toBeLessThan(4_500);
    expect(callsOf('third')).toBe(0);
  });

  it('end with a caller who goes away', async () => {
    await serve({ bot: { fallbacks: [{ model: 'second', when: ALL }] } });
    standIns.bot.script = () => {};
    const gone = new AbortController();
    const call = server.send('/v1/chat/completions', {
      method: 'POST',
      key: 'gr_bot',
      body: JSON.stringify({ model: 'bot', messages: HELLO }),
      signal: gone.signal,
    });
    await waitFor(() => callsOf('bot') === 1);
    gone.abort();
    await expect(call).rejects.toThrow();
    await waitFor(() => standIns.bot.calls[0].abortedAtMillis !== undefined);
    expect(callsOf('second')).toBe(0);
  });
});

describe('aliases', () => {
  beforeEach(() =>
    serve({
      bot: { aliases: ['gpt-4o', 'vendor/small:latest', 'third'] },
      second: { aliases: ['gpt-4o'] },
    }),
  );

  it('are names under which a model is asked for, by the key for that model', async () => {
    for (const model of ['gpt-4o', 'vendor/small:latest', 'gpt-4o@1']) {
      const { status, headers } = await chat({ model });
      expect(status).toBe(200);
      expect(headers['x-greenroom-model']).toBe('bot');
    }
    expect((await chat({ model: 'gpt-4o' }, 'gr_second')).status).toBe(403);
  });

  it('never stand for another model than the one of the name, nor for two', async () => {
    const { headers } = await chat({ model: 'third' }, 'gr_all');
    expect(headers['x-greenroom-model']).toBe('third');
    expect(callsOf('second')).toBe(0);
  });

  it('are listed beside the models that they stand for', async () => {
    const { data } = await clientOf('gr_bot').models.list();
    expect(data.map(({ id }) => id)).toEqual([
      'bot',
      'gpt-4o',
      'vendor/small:latest',
    ]);
    const { id } = await clientOf('gr_bot').models.retrieve(
      'vendor/small:latest',
    );
    expect(id).toBe('vendor/small:latest');
    const { json } = await server.send('/ai/models', { key: 'gr_bot' });
    expect(json.models).toMatchObject([
      { name: 'bot', aliases: ['gpt-4o', 'vendor/small:latest'] },
    ]);
  });
});
