import { OpenAI } from 'openai';
import { StandIn } from '../providers/testing/StandIn';
import { waitFor } from '../testing/waitFor';
import { LocalModelHttp } from './LocalModelHttp';
import { FakeEngine } from './testing/FakeEngine';

const KEY = 'the-key';
const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];

let engine: FakeEngine;
let front: LocalModelHttp;
let server: StandIn;
let client: OpenAI;

beforeEach(async () => {
  engine = new FakeEngine();
  const options = { engine, model: 'small', key: KEY, maxWaiting: 1 };
  front = new LocalModelHttp(options);
  server = new StandIn((call, response) => front.answer(call, response));
  await server.start();
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: KEY,
    maxRetries: 0,
  });
});
afterEach(() => server.stop());

const chat = (more: Record<string, unknown> = {}, signal?: AbortSignal) =>
  client.chat.completions.create(
    { model: 'small', messages: MESSAGES, ...more, stream: false },
    { signal },
  );
const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  return error as InstanceType<typeof OpenAI.APIError>;
};

/** Makes the engine stand still before each token until it is let go. */
function hold(): () => void {
  let letGo = () => {};
  const held = new Promise<void>(resolve => {
    letGo = resolve;
  });
  engine.beforeToken = () => held;
  return letGo;
}

it('lists its model', async () => {
  const { data } = await client.models.list();
  expect(data).toMatchObject([{ id: 'small', object: 'model' }]);
});

it('takes what is asked for to the engine', async () => {
  const answer = await chat({
    messages: [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: 'Hi.' },
      { role: 'user', content: 'And?' },
    ],
    temperature: 0,
    top_p: 0.5,
    seed: 7,
    max_completion_tokens: 3,
    user: 'somebody',
  });
  expect(engine.asked).toEqual([
    {
      prompt: {
        kind: 'chat',
        messages: [
          { role: 'system', text: 'Be brief.' },
          { role: 'user', text: 'Hi' },
          { role: 'assistant', text: 'Hi.' },
          { role: 'user', text: 'And?' },
        ],
      },
      maxTokens: 3,
      temperature: 0,
      topP: 0.5,
      seed: 7,
      schema: undefined,
    },
  ]);
  expect(answer.choices[0].finish_reason).toBe('length');
  expect(answer.usage).toMatchObject({ completion_tokens: 3 });
});

it('writes as OpenAI does where nothing is said', async () => {
  await client.completions.create({ model: 'small', prompt: 'Once' });
  expect(engine.asked[0]).toEqual({
    prompt: { kind: 'text', text: 'Once' },
    maxTokens: 256,
    temperature: 1,
    topP: 1,
    seed: undefined,
    schema: undefined,
  });
});

it('stops at a text, which it leaves out, and asks for no more', async () => {
  engine.says = () => ['one ', 'two EN', 'D three', 'four'];
  const answer = await chat({ stop: ['END'] });
  expect(answer.choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { content: 'one two ' },
  });
  expect(answer.usage?.completion_tokens).toBe(3);
  expect(engine.ended).toBe(1);
});

it('streams what completes a prompt', async () => {
  const stream = await client.completions.create({
    model: 'small',
    prompt: 'Once',
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = chunks.map(({ choices }) => choices[0]?.text ?? '');
  expect(text.join('')).toBe('Once!');
  expect(chunks.at(-2)?.choices[0].finish_reason).toBe('stop');
  expect(chunks.at(-1)?.usage?.completion_tokens).toBe(5);
});

it('answers JSON by a grammar, without the white space that ends it', async () => {
  const answer = await chat({
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'answer',
        schema: { type: 'object', properties: { answer: { type: 'integer' } } },
      },
    },
  });
  expect(answer.choices[0].message.content).toBe('{"answer":42}');
  expect(engine.asked[0].schema).toEqual({
    type: 'object',
    properties: { answer: { type: 'integer' } },
  });
  await chat({ response_format: { type: 'json_object' } });
  expect(engine.asked[1].schema).toMatchObject({ type: 'object' });
});

it.each<[Record<string, unknown>, string, RegExp]>([
  [{ tools: [] }, 'tools', /calls no tools/],
  [{ n: 2 }, 'n', /one answer/],
  [{ logprobs: true }, 'logprobs', /no probabilities/],
  [{ presence_penalty: 1 }, 'presence_penalty', /no penalties/],
  [{ reasoning_effort: 'low' }, 'reasoning_effort', /does not reason/],
  [{ frobnicate: 1 }, 'frobnicate', /does not take it/],
  [{ temperature: 3 }, 'temperature', /0 to 2/],
  [{ top_p: 0 }, 'top_p', /more than 0/],
  [{ max_tokens: 0 }, 'max_tokens', /at least 1/],
  [{ stop: [''] }, 'stop.0', />=1/],
  [{ messages: [] }, 'messages', />=1/],
  [
    { messages: [{ role: 'tool', content: '21', tool_call_id: '1' }] },
    'messages.0.role',
    /calls no tools/,
  ],
  [
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:,' } }],
        },
      ],
    },
    'messages.0.content',
    /parts of text/,
  ],
  [
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'a', schema: { type: 'object', not: {} } },
      },
    },
    'response_format',
    /schema\.not: .*cannot hold to "not"/,
  ],
])('refuses %j by name', async (more, param, reason) => {
  const error = await failure(chat(more));
  expect([error.status, error.param]).toEqual([400, param]);
  expect(error.message).toMatch(reason);
  expect(engine.asked).toEqual([]);
});

it('refuses other paths, models, keys and prompts that do not fit', async () => {
  expect(
    (await failure(client.embeddings.create({ model: 'small', input: 'a' })))
      .status,
  ).toBe(404);
  const model = await failure(chat({ model: 'large' }));
  expect(model).toMatchObject({ status: 404, code: 'model_not_found' });
  const long = await failure(
    chat({ messages: [{ role: 'user', content: 'x'.repeat(20_000) }] }),
  );
  expect(long).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  for (const apiKey of ['Bearer another', null]) {
    const other = client.withOptions({
      defaultHeaders: { authorization: apiKey },
    });
    expect((await failure(other.models.list())).status).toBe(401);
  }
});

it('answers one at a time, and refuses who would wait behind too many', async () => {
  const letGo = hold();
  const first = chat();
  await waitFor(() => engine.asked.length === 1);
  expect(front.idle).toBe(false);
  const second = chat();
  await waitFor(() => server.calls.length === 2);
  const third = await failure(chat());
  expect([third.status, third.headers?.get('retry-after')]).toEqual([429, '5']);
  expect(engine.asked).toHaveLength(1);
  letGo();
  await Promise.all([first, second]);
  expect(front.idle).toBe(true);
});

it('stops writing when the caller goes away, and lets who waits go on', async () => {
  const letGo = hold();
  const gone = new AbortController();
  const first = failure(chat({}, gone.signal));
  await waitFor(() => engine.asked.length === 1);
  const second = chat();
  await waitFor(() => server.calls.length === 2);
  gone.abort();
  await first;
  await waitFor(() => server.calls[0].abortedAtMillis !== undefined);
  letGo();
  await waitFor(() => engine.ended > 0);
  await second;
  expect(engine.ended).toBe(2);
});

it('says within a stream that the engine failed, and nothing of why', async () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
  let tokens = 0;
  engine.beforeToken = async () => {
    if (tokens++ === 2) throw new Error('out of memory at 0x1234');
  };
  const stream = await client.chat.completions.create({
    model: 'small',
    messages: MESSAGES,
    stream: true,
  });
  const read = async () => {
    for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
  };
  await expect(read()).rejects.toThrow(/it failed/);
  expect(printed).toHaveBeenCalledWith('out of memory at 0x1234');
  printed.mockRestore();
});
