import type {
  ChatCompletionCreateParams,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import { encodeMessages } from './encodeMessages';
import type { FunctionDeclaration, GenerateContentRequest } from './wire';

/** Parameters whose meaning is the same under another name. */
const RENAMED: Record<string, string> = {
  temperature: 'temperature',
  top_p: 'topP',
  max_tokens: 'maxOutputTokens',
  max_completion_tokens: 'maxOutputTokens',
  n: 'candidateCount',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
};

/** Tokens that a model may think with, as Google's own translation of OpenAI's API has them. */
const THINKING_TOKENS: Record<string, number> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
};

/** Fields that are translated, or mean nothing to the service. */
const UNDERSTOOD = new Set([
  ...Object.keys(RENAMED),
  'model',
  'messages',
  'stream',
  'stream_options',
  'stop',
  'response_format',
  'tools',
  'tool_choice',
  'reasoning_effort',
  // These say who asks and how it is kept on the other side, not what is answered.
  'user',
  'safety_identifier',
  'metadata',
]);

/** Values of further fields that ask for what happens anyway. */
const HARMLESS: Record<string, unknown[]> = {
  parallel_tool_calls: [true],
  store: [false],
  logprobs: [false],
  service_tier: ['auto', 'default'],
  modalities: [],
};

/**
 * Translates a chat request of OpenAI's API to Vertex AI's `generateContent`.
 *
 * @throws InvalidFieldError that names a field without counterpart
 */
export function encodeChat(
  request: ChatCompletionCreateParams,
): GenerateContentRequest {
  refuseWhatIsLost(request);
  const { contents, system } = encodeMessages(request.messages);
  const generationConfig = encodeParameters(request);
  return {
    contents,
    ...(system.length > 0 && { systemInstruction: { parts: system } }),
    ...encodeTools(request),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  };
}

function refuseWhatIsLost(request: ChatCompletionCreateParams): void {
  for (const [name, value] of Object.entries(request)) {
    if (UNDERSTOOD.has(name) || value === null || value === undefined) continue;
    if (HARMLESS[name]?.includes(value)) continue;
    if (name === 'modalities' && isTextOnly(value)) continue;
    throw new InvalidFieldError(
      name,
      'models of Vertex AI have no counterpart; leave it out',
    );
  }
}

function isTextOnly(value: unknown): boolean {
  return Array.isArray(value) && value.every(one => one === 'text');
}

function encodeParameters(
  request: ChatCompletionCreateParams,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request)) {
    if (Object.hasOwn(RENAMED, name) && value !== null && value !== undefined) {
      config[RENAMED[name]] = value;
    }
  }
  const { stop, response_format: format, reasoning_effort: effort } = request;
  if (stop) config.stopSequences = Array.isArray(stop) ? stop : [stop];
  if (effort) {
    if (!Object.hasOwn(THINKING_TOKENS, effort)) {
      throw new InvalidFieldError(
        'reasoning_effort',
        `expected one of ${Object.keys(THINKING_TOKENS).join(', ')}`,
      );
    }
    config.thinkingConfig = { thinkingBudget: THINKING_TOKENS[effort] };
  }
  if (format?.type === 'json_object' || format?.type === 'json_schema') {
    config.responseMimeType = 'application/json';
  }
  if (format?.type === 'json_schema') {
    config.responseJsonSchema = format.json_schema.schema ?? {};
  }
  return config;
}

function encodeTools(
  request: ChatCompletionCreateParams,
): Pick<GenerateContentRequest, 'tools' | 'toolConfig'> {
  const { tools = [], tool_choice: choice } = request;
  if (tools.length === 0) return {};
  return {
    tools: [{ functionDeclarations: tools.map(encodeTool) }],
    ...(choice && {
      toolConfig: { functionCallingConfig: encodeChoice(choice) },
    }),
  };
}

function encodeTool(
  tool: ChatCompletionTool,
  index: number,
): FunctionDeclaration {
  if (tool.type !== 'function') {
    throw new InvalidFieldError(`tools.${index}.type`, 'expected function');
  }
  const { name, description, parameters } = tool.function;
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parametersJsonSchema: parameters }),
  };
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

function encodeChoice(
  choice: NonNullable<ChatCompletionCreateParams['tool_choice']>,
) {
  if (typeof choice === 'string') return { mode: MODES[choice] };
  if (choice.type === 'function') {
    return {
      mode: 'ANY' as const,
      allowedFunctionNames: [choice.function.name],
    };
  }
  throw new InvalidFieldError(
    'tool_choice',
    'expected none, auto, required, or a function',
  );
}
