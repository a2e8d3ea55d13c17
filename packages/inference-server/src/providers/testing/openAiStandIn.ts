import type { ServerResponse } from 'node:http';
import type { ProviderUnderTest } from './providerConformance';
import { type ReceivedCall, sendInPieces, sendJson, StandIn } from './StandIn';

/** The one key that the stand-in takes. */
export const STAND_IN_KEY = 'sk-stand-in-0123456789';

const ID = 'chatcmpl-1';
const CREATED = 1_700_000_000;

/** A service that speaks OpenAI's API and answers with what it was asked. */
export function createOpenAiStandIn(): StandIn {
  return new StandIn(answerLikeOpenAi);
}

/** Checks the key, then answers each path as OpenAI does. */
export async function answerLikeOpenAi(
  call: ReceivedCall,
  response: ServerResponse,
): Promise<void> {
  if (call.headers.authorization !== `Bearer ${STAND_IN_KEY}`) {
    sendJson(response, 401, {
      error: {
        message: `Incorrect API key provided: ${call.headers.authorization}.`,
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    return;
  }
  const path = call.path.split('?')[0].replace(/^\/v1/, '');
  switch (path) {
    case '/chat/completions':
      await (call.json.stream
        ? streamChat(call, response)
        : chat(call, response));
      break;
    case '/completions':
      sendJson(response, 200, {
        id: 'cmpl-1',
        object: 'text_completion',
        created: CREATED,
        model: call.json.model,
        choices: [
          {
            text: `${call.json.prompt}!`,
            index: 0,
            logprobs: null,
            finish_reason: 'stop',
          },
        ],
        usage: usageOf(call),
      });
      break;
    case '/embeddings':
      sendJson(response, 200, {
        object: 'list',
        model: call.json.model,
        data: [call.json.input].flat().map((text: string, index: number) => ({
          object: 'embedding',
          index,
          embedding: embed(text, call.json.encoding_format),
        })),
        usage: { prompt_tokens: 7, total_tokens: 7 },
      });
      break;
    case '/models':
      sendJson(response, 200, {
        object: 'list',
        data: ['small', 'large'].map(id => ({
          id,
          object: 'model',
          created: CREATED,
          owned_by: 'stand-in',
        })),
      });
      break;
    default:
      sendJson(response, 404, {
        error: {
          message: `Unknown path ${path}`,
          type: 'invalid_request_error',
        },
      });
  }
}

/** What the model says: the last text that it was told. */
function replyTo(call: ReceivedCall): string {
  const last = call.json.messages.at(-1).content;
  return typeof last === 'string'
    ? `You said: ${last}`
    : 'You said more than text.';
}

function chat(call: ReceivedCall, response: ServerResponse): void {
  const [tool] = call.json.tools ?? [];
  const message = tool
    ? {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: {
              name: tool.function.name,
              arguments: '{"city":"Zürich"}',
            },
          },
        ],
      }
    : {
        role: 'assistant',
        content: call.json.response_format ? '{"answer":42}' : replyTo(call),
        refusal: null,
      };
  sendJson(response, 200, {
    id: ID,
    object: 'chat.completion',
    created: CREATED,
    model: call.json.model,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: tool ? 'tool_calls' : 'stop',
      },
    ],
    usage: usageOf(call),
  });
}

async function streamChat(
  call: ReceivedCall,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await sendInPieces(response, Buffer.from(chunksLikeOpenAi(call)));
  response.end();
}

/** The events of a streamed answer to a chat. */
export function chunksLikeOpenAi(call: ReceivedCall): string {
  const chunk = (delta: object, finish: string | null = null) => ({
    id: ID,
    object: 'chat.completion.chunk',
    created: CREATED,
    model: call.json.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  });
  const [tool] = call.json.tools ?? [];
  const parts = replyTo(call).match(/.{1,7}/gsu) ?? [];
  const chunks: object[] = tool
    ? [
        chunk({ role: 'assistant', content: null }),
        ...streamedCall(tool.function.name).map(part =>
          chunk({ tool_calls: [part] }),
        ),
        chunk({}, 'tool_calls'),
      ]
    : [
        chunk({ role: 'assistant', content: '' }),
        ...parts.map(content => chunk({ content })),
        chunk({}, 'stop'),
      ];
  if (call.json.stream_options?.include_usage) {
    chunks.push({ ...chunk({}), choices: [], usage: usageOf(call) });
  }
  const text = chunks.map(one => `data: ${JSON.stringify(one)}\n\n`).join('');
  return `${text}data: [DONE]\n\n`;
}

/** The arguments come in pieces that are no JSON by themselves. */
function streamedCall(name: string): object[] {
  return [
    {
      index: 0,
      id: 'call_1',
      type: 'function',
      function: { name, arguments: '' },
    },
    { index: 0, function: { arguments: '{"city":' } },
    { index: 0, function: { arguments: '"Zürich"}' } },
  ];
}

function usageOf(call: ReceivedCall) {
  const input = Math.ceil(JSON.stringify(call.json).length / 4);
  return {
    prompt_tokens: input,
    completion_tokens: 5,
    total_tokens: input + 5,
    prompt_tokens_details: { cached_tokens: 2 },
  };
}

/** Of three numbers, in the form that was asked for. */
function embed(text: string, format: string | undefined): number[] | string {
  const values = Float32Array.of(text.length, 0.5, -1);
  return format === 'base64'
    ? Buffer.from(values.buffer).toString('base64')
    : [...values];
}

/** What all services that speak OpenAI's API have in common in the conformance suite. */
export const openAiUnderTest: Pick<
  ProviderUnderTest,
  'beginStream' | 'failWithinStream' | 'refuse'
> = {
  beginStream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = {
      id: ID,
      object: 'chat.completion.chunk',
      created: CREATED,
      model: 'small',
      choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  },
  failWithinStream(response, message) {
    const error = { message, type: 'server_error', param: null, code: null };
    response.end(`data: ${JSON.stringify({ error })}\n\n`);
  },
  refuse(response, status, message, headers) {
    sendJson(
      response,
      status,
      { error: { message, type: 'an_error' } },
      headers,
    );
  },
};
