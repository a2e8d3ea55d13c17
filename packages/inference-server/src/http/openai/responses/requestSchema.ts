import { z } from 'zod';
import { listOf } from '../listOf';

const MAX_ITEMS = 10_000;
const MAX_TOOLS = 1_000;
const MAX_METADATA = 16;

const text = z.string();
const part = z.discriminatedUnion(
  'type',
  [
    z.looseObject({ type: z.literal('input_text'), text }),
    z.looseObject({ type: z.literal('output_text'), text }),
    z.looseObject({ type: z.literal('refusal'), refusal: text }),
    z.looseObject({
      type: z.literal('input_image'),
      image_url: text,
      detail: z.enum(['low', 'high', 'auto']).nullish(),
    }),
    z.looseObject({
      type: z.literal('input_file'),
      file_data: text,
      filename: text.nullish(),
    }),
  ],
  'expected input_text, input_image with image_url, input_file with file_data, or output_text',
);
const parts = listOf(part, { expected: 'expected a list of parts' });

const message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(
    ['user', 'assistant', 'system', 'developer'],
    'expected user, assistant, system or developer',
  ),
  content: z.union([text, parts], 'expected a text or a list of parts'),
});
const functionCall = z.looseObject({
  type: z.literal('function_call'),
  call_id: text,
  name: text,
  arguments: text,
});
const functionOutput = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: text,
  output: z.union([text, parts], 'expected a text'),
});
/** What a model thought, given back; models that do not want it leave it out. */
const reasoning = z.looseObject({ type: z.literal('reasoning') });

export const itemSchema = z.union(
  [functionCall, functionOutput, reasoning, message],
  'expected a message, function_call, function_call_output or reasoning',
);
export type ResponsesItem = z.infer<typeof itemSchema>;
export type ResponsesPart = z.infer<typeof part>;

const tool = z.looseObject({
  type: z.literal('function', 'expected function: others run at OpenAI'),
  name: text,
  description: text.nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const format = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: text,
    schema: z.record(z.string(), z.unknown()),
    description: text.nullish(),
    strict: z.boolean().nullish(),
  }),
]);

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const values = Object.values(value);
  return (
    values.length <= MAX_METADATA &&
    values.every(one => typeof one === 'string')
  );
}

/** A request of the Responses API, as far as it can be answered by a chat. */
export const responsesRequest = z.strictObject({
  model: z.string('expected the name of a model').min(1, 'is empty'),
  input: z.union(
    [
      z.string().min(1),
      listOf(itemSchema, {
        expected: 'expected a list of items',
        min: 1,
        max: MAX_ITEMS,
      }),
    ],
    'expected a text or a list of items',
  ),
  instructions: text.nullish(),
  max_output_tokens: z.int().positive().nullish(),
  metadata: z
    .custom<Record<string, string>>(
      isMetadata,
      `expected at most ${MAX_METADATA} texts by name`,
    )
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z
    .strictObject({
      effort: z
        .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])
        .nullish(),
      summary: z.null().optional(),
    })
    .nullish(),
  safety_identifier: text.nullish(),
  prompt_cache_key: text.nullish(),
  /** Nothing is kept here: what asks for it is refused. */
  store: z
    .literal(false, 'expected false: answers are not kept here')
    .nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  text: z
    .strictObject({
      format: format.nullish(),
      verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    })
    .nullish(),
  tool_choice: z
    .union(
      [
        z.enum(['none', 'auto', 'required']),
        z.looseObject({ type: z.literal('function'), name: text }),
      ],
      'expected none, auto, required, or a function',
    )
    .nullish(),
  tools: listOf(tool, {
    expected: 'expected a list of tools',
    max: MAX_TOOLS,
  }).nullish(),
  top_p: z.number().nullish(),
  truncation: z
    .literal('disabled', 'expected disabled: nothing is cut here')
    .nullish(),
  user: text.nullish(),
  // What follows says what is the case anyway.
  background: z
    .literal(false, 'expected false: answers are not kept')
    .nullish(),
  include: z.array(z.unknown()).max(0, 'expected none').nullish(),
  service_tier: z.enum(['auto', 'default']).nullish(),
});

export type ResponsesRequest = z.infer<typeof responsesRequest>;
