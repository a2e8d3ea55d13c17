import { z } from 'zod';
import { SchemaError, type ChatText, type Generation } from './Engine';
import { toGrammarSchema } from './toGrammarSchema';

/** What OpenAI's API takes as well, and this model does not: each is refused by its name. */
const REFUSED = {
  tools: 'this model calls no tools',
  tool_choice: 'this model calls no tools',
  functions: 'this model calls no functions',
  function_call: 'this model calls no functions',
  logit_bias: 'this model takes no bias',
  modalities: 'this model writes text only',
  audio: 'this model writes text only',
  prediction: 'this model takes no prediction',
  reasoning_effort: 'this model does not reason',
  verbosity: 'this model does not take it',
  web_search_options: 'this model searches nothing',
  suffix: 'this model writes ends only',
};
/** Says something about the call, and nothing about the answer. */
const IGNORED = [
  'user',
  'metadata',
  'store',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'parallel_tool_calls',
];
/** Most tokens of an answer where nobody says: a small model does not stop by itself. */
export const DEFAULT_MAX_TOKENS = 256;
const MAX_MESSAGES = 10_000;
const MAX_STOPS = 4;
const ANY_OBJECT = { type: 'object', additionalProperties: true };

const only = <T extends string | number | boolean>(value: T, text: string) =>
  z.literal(value, text).nullish();
const tokenLimit = z
  .int('expected a whole number')
  .min(1, 'expected at least 1')
  .nullish();

const common = {
  model: z.string('expected the name of a model'),
  stream: z.boolean('expected true or false').nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish() })
    .nullish(),
  max_tokens: tokenLimit,
  temperature: z
    .number('expected a number')
    .min(0, 'expected 0 to 2')
    .max(2, 'expected 0 to 2')
    .nullish(),
  top_p: z
    .number('expected a number')
    .gt(0, 'expected more than 0, up to 1')
    .max(1, 'expected more than 0, up to 1')
    .nullish(),
  seed: z.int('expected a whole number').nullish(),
  stop: z
    .union(
      [z.string().min(1), z.array(z.string().min(1)).max(MAX_STOPS)],
      `expected a text, or up to ${MAX_STOPS}; none of them empty`,
    )
    .nullish(),
  n: only(1, 'expected 1: this model gives one answer'),
  frequency_penalty: only(0, 'expected 0: this model takes no penalties'),
  presence_penalty: only(0, 'expected 0: this model takes no penalties'),
  ...Object.fromEntries(IGNORED.map(name => [name, z.unknown().optional()])),
  ...Object.fromEntries(
    Object.entries(REFUSED).map(([name, why]) => [
      name,
      z.null(why).optional(),
    ]),
  ),
};

const noLogprobs = 'this model tells no probabilities';
const textPart = z.strictObject(
  { type: z.literal('text'), text: z.string() },
  'this model takes text only',
);
const chatRequest = z.strictObject({
  ...common,
  max_completion_tokens: tokenLimit,
  logprobs: only(false, noLogprobs),
  top_logprobs: only(0, noLogprobs),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(
          ['system', 'developer', 'user', 'assistant'],
          'expected system, developer, user or assistant; this model calls no tools',
        ),
        content: z.union(
          [z.string(), z.array(textPart).min(1)],
          'expected a text, or parts of text: this model takes nothing else',
        ),
        name: z.unknown().optional(),
        refusal: z.null().optional(),
        tool_calls: z.null('this model calls no tools').optional(),
      }),
    )
    .min(1)
    .max(MAX_MESSAGES),
  response_format: z
    .discriminatedUnion(
      'type',
      [
        z.strictObject({ type: z.literal('text') }),
        z.strictObject({ type: z.literal('json_object') }),
        z.strictObject({
          type: z.literal('json_schema'),
          json_schema: z.strictObject({
            name: z.string(),
            description: z.string().nullish(),
            schema: z.unknown().optional(),
            strict: z.boolean().nullish(),
          }),
        }),
      ],
      'expected the type text, json_object or json_schema',
    )
    .nullish(),
});
const completionRequest = z.strictObject({
  ...common,
  prompt: z.union(
    [z.string(), z.tuple([z.string()])],
    'expected one text: this model completes one at a time, and takes no tokens',
  ),
  logprobs: z.null(noLogprobs).optional(),
  best_of: only(1, 'expected 1: this model gives one answer'),
  echo: only(false, 'expected false: this model does not repeat the prompt'),
});

/** A request that can be answered. */
export interface TextRequest {
  generation: Generation;
  stops: readonly string[];
  streams: boolean;
  showsUsage: boolean;
  model: string;
}

/** A request that cannot be; the message names the field. */
export class RequestError extends Error {
  readonly param: string | undefined;

  constructor(message: string, param?: string) {
    super(param === undefined ? message : `${param}: ${message}`);
    this.name = 'RequestError';
    this.param = param;
  }
}

/** @throws RequestError or SchemaError */
export function readChat(body: unknown): TextRequest {
  const request = parse(chatRequest, body);
  const messages = request.messages.map(
    ({ role, content }): ChatText => ({
      role: role === 'developer' ? 'system' : role,
      text:
        typeof content === 'string'
          ? content
          : content.map(({ text }) => text).join(''),
    }),
  );
  return {
    ...readCommon(request),
    generation: {
      ...sampling(request, request.max_completion_tokens ?? request.max_tokens),
      prompt: { kind: 'chat', messages },
      schema: readFormat(request.response_format),
    },
  };
}

/** @throws RequestError */
export function readCompletion(body: unknown): TextRequest {
  const request = parse(completionRequest, body);
  const { prompt } = request;
  return {
    ...readCommon(request),
    generation: {
      ...sampling(request, request.max_tokens),
      prompt: {
        kind: 'text',
        text: typeof prompt === 'string' ? prompt : prompt[0],
      },
      schema: undefined,
    },
  };
}

function readFormat(
  format: z.infer<typeof chatRequest>['response_format'],
): Generation['schema'] {
  switch (format?.type) {
    case 'json_object':
      return ANY_OBJECT;
    case 'json_schema': {
      const path = 'response_format.json_schema.schema';
      const schema = toGrammarSchema(format.json_schema.schema, path);
      if (schema.type === 'object') return schema;
      throw new SchemaError(`${path}.type: expected an object at the top`);
    }
    default:
      return undefined;
  }
}

interface Sampling {
  temperature?: number | null;
  top_p?: number | null;
  seed?: number | null;
}

function sampling(
  { temperature, top_p: topP, seed }: Sampling,
  maxTokens: number | null | undefined,
) {
  return {
    maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS,
    temperature: temperature ?? 1,
    topP: topP ?? 1,
    seed: seed ?? undefined,
  };
}

function readCommon(request: {
  model: string;
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean | null } | null;
  stop?: string | string[] | null;
}) {
  return {
    model: request.model,
    streams: request.stream ?? false,
    showsUsage: request.stream_options?.include_usage ?? false,
    stops: [request.stop ?? []].flat(),
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0]].map(String).join('.');
    throw new RequestError('this model does not take it', path);
  }
  if (issue.path.length === 0) throw new RequestError('expected a JSON object');
  throw new RequestError(issue.message, issue.path.map(String).join('.'));
}
