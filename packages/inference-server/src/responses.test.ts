import { OpenAI } from 'openai';
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

let server: TestServer;
let standIn: StandIn;
let client: OpenAI;

beforeAll(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = createOpenAiStandIn();
  await standIn.start();
  server = await TestServer.create();
  const variant = addExternalModel(server.controlPlane, {
    connection: {
      name: 'llm',
      kind: 'openai',
      settings: { baseUrl: `${standIn.url}/v1`, secret: 'env:STAND_IN_KEY' },
    },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_all',
    maxRetries: 0,
  });
  await waitFor(async () => (await client.models.list()).data.length > 0);
});
afterAll(async () => {
  delete process.env.STAND_IN_KEY;
  await server.close();
  await standIn.stop();
});

const sent = () => standIn.calls.at(-1)?.json;
const WEATHER = {
  type: 'function' as const,
  name: 'weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

it('answers the official client as a whole', async () => {
  const response = await client.responses.create({
    model: 'bot',
    instructions: 'Be brief.',
    input: 'Grüezi 👋',
    max_output_tokens: 50,
    reasoning: { effort: 'low' },
  });
  expect(response.output_text).toBe('You said: Grüezi 👋');
  expect(response).toMatchObject({
    object: 'response',
    status: 'completed',
    model: 'small',
    store: false,
    usage: { output_tokens: 5, input_tokens_details: { cached_tokens: 2 } },
  });
  expect(sent()).toEqual({
    model: 'small',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Grüezi 👋' },
    ],
    max_completion_tokens: 50,
    reasoning_effort: 'low',
    stream: false,
  });
});

it('streams typed events that the official client puts together', async () => {
  const stream = client.responses.stream({ model: 'bot', input: 'Grüezi 👋' });
  const types: string[] = [];
  const numbers: number[] = [];
  for await (const event of stream) {
    if (types.at(-1) !== event.type) types.push(event.type);
    numbers.push(event.sequence_number);
  }
  expect(types).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(numbers).toEqual(numbers.map((_number, index) => index));
  const response = await stream.finalResponse();
  expect(response.output_text).toBe('You said: Grüezi 👋');
  expect(response.usage?.output_tokens).toBe(5);
});

it('calls tools and takes their answers, whole and streamed', async () => {
  const request = { model: 'bot', input: 'Weather?', tools: [WEATHER] };
  const response = await client.responses.create(request);
  const streamed = await client.responses.stream(request).finalResponse();
  for (const { output } of [response, streamed]) {
    expect(output).toMatchObject([
      { type: 'function_call', name: 'weather', call_id: 'call_1' },
    ]);
    const [call] = output;
    if (call.type !== 'function_call') throw new Error('no call');
    expect(JSON.parse(call.arguments)).toEqual({ city: 'Zürich' });
  }
  await client.responses.create({
    model: 'bot',
    input: [
      { role: 'user', content: 'Weather?' },
      ...response.output.filter(item => item.type === 'function_call'),
      { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
    ],
  });
  expect(sent().messages.slice(1)).toMatchObject([
    { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
  ]);
});

it('answers by a schema, and sees pictures', async () => {
  const response = await client.responses.parse({
    model: 'bot',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is it?' },
          {
            type: 'input_image',
            detail: 'low',
            image_url: 'data:image/png;base64,AAAA',
          },
        ],
      },
    ],
    text: {
      format: { type: 'json_schema', name: 'x', schema: { type: 'object' } },
    },
  });
  expect(response.output_parsed).toEqual({ answer: 42 });
  expect(sent().messages[0].content[1]).toEqual({
    type: 'image_url',
    image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' },
  });
});

it.each<[string, object, string, RegExp]>([
  [
    'an answer before',
    { previous_response_id: 'resp_1' },
    'previous_response_id',
    /not answered here/,
  ],
  ['keeping', { store: true }, 'store', /answers are not kept/],
  ['work in the background', { background: true }, 'background', /not kept/],
  [
    "a tool of OpenAI's",
    { tools: [{ type: 'web_search' }] },
    'tools.0.type',
    /expected function/,
  ],
  ['cutting', { truncation: 'auto' }, 'truncation', /nothing is cut/],
  ['no input', { input: [] }, 'input', /./],
])('refuses %s by name', async (_what, fields, param, message) => {
  const answer = await server.send('/v1/responses', {
    method: 'POST',
    key: 'gr_all',
    body: JSON.stringify({ model: 'bot', input: 'Hello', ...fields }),
  });
  expect(answer.status).toBe(400);
  expect(answer.json.error).toMatchObject({
    param,
    message: expect.stringMatching(message),
  });
});

it('ends with an event of its own when it breaks off', async () => {
  const before = standIn.script;
  standIn.script = (_call, response) => {
    openAiUnderTest.beginStream(response);
    setTimeout(() => response.destroy(), 20);
  };
  const types: string[] = [];
  let failed: { message: string } | null = null;
  const stream = await client.responses.create({
    model: 'bot',
    input: 'Hello',
    stream: true,
  });
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === 'response.failed') failed = event.response.error;
  }
  expect(types.at(-1)).toBe('response.failed');
  expect(failed).toMatchObject({
    message: expect.stringMatching(/the connection broke/),
  });
  standIn.script = before;
});
