import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParams,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { InvalidFieldError } from '../../../language/InvalidFieldError';
import type {
  ResponsesItem,
  ResponsesPart,
  ResponsesRequest,
} from './requestSchema';

/**
 * Translates a request of the Responses API to a chat. What a chat cannot do is refused by
 * name when the request is read; nothing is left out here.
 */
export function toChatRequest(
  asked: ResponsesRequest,
): ChatCompletionCreateParams {
  const { tool_choice: choice, tools, text, reasoning } = asked;
  const format = text?.format;
  const stream = asked.stream === true;
  return withoutEmpty({
    model: asked.model,
    messages: toMessages(asked),
    max_completion_tokens: asked.max_output_tokens,
    metadata: asked.metadata,
    parallel_tool_calls: asked.parallel_tool_calls,
    prompt_cache_key: asked.prompt_cache_key,
    reasoning_effort: reasoning?.effort,
    response_format:
      format?.type === 'json_schema'
        ? {
            type: 'json_schema',
            json_schema: withoutEmpty({
              name: format.name,
              schema: format.schema,
              description: format.description,
              strict: format.strict,
            }),
          }
        : format && { type: format.type },
    safety_identifier: asked.safety_identifier,
    temperature: asked.temperature,
    top_p: asked.top_p,
    verbosity: text?.verbosity,
    user: asked.user,
    tool_choice:
      typeof choice === 'string' || !choice
        ? choice
        : { type: 'function', function: { name: choice.name } },
    tools: tools?.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      function: withoutEmpty({ name, description, parameters, strict }),
    })),
    stream,
    // The last event tells it.
    stream_options: stream ? { include_usage: true } : undefined,
  }) as ChatCompletionCreateParams;
}

function toMessages(asked: ResponsesRequest): ChatCompletionMessageParam[] {
  const { input, instructions } = asked;
  const first: ChatCompletionMessageParam[] = instructions
    ? [{ role: 'system', content: instructions }]
    : [];
  if (typeof input === 'string') {
    return [...first, { role: 'user', content: input }];
  }
  return input.reduce<ChatCompletionMessageParam[]>((messages, item, index) => {
    addItem(messages, item, `input.${index}`);
    return messages;
  }, first);
}

function addItem(
  messages: ChatCompletionMessageParam[],
  item: ResponsesItem,
  at: string,
): void {
  switch (item.type) {
    case 'reasoning':
      return;
    case 'function_call': {
      const call = {
        id: item.call_id,
        type: 'function' as const,
        function: { name: item.name, arguments: item.arguments },
      };
      const last = messages.at(-1);
      // Calls of one turn are one message.
      if (last?.role === 'assistant') {
        last.tool_calls = [...(last.tool_calls ?? []), call];
      } else {
        messages.push({ role: 'assistant', content: null, tool_calls: [call] });
      }
      return;
    }
    case 'function_call_output':
      messages.push({
        role: 'tool',
        tool_call_id: item.call_id,
        content: textOf(item.output, `${at}.output`),
      });
      return;
    default: {
      const { role, content } = item;
      messages.push(
        role === 'user'
          ? { role, content: toParts(content) }
          : { role, content: textOf(content, `${at}.content`) },
      );
    }
  }
}

function toParts(
  content: string | ResponsesPart[],
): string | ChatCompletionContentPart[] {
  if (typeof content === 'string') return content;
  return content.map((part): ChatCompletionContentPart => {
    switch (part.type) {
      case 'input_image':
        return {
          type: 'image_url',
          image_url: {
            url: part.image_url,
            ...(part.detail && { detail: part.detail }),
          },
        };
      case 'input_file':
        return {
          type: 'file',
          file: {
            file_data: part.file_data,
            ...(part.filename && { filename: part.filename }),
          },
        };
      case 'refusal':
        return { type: 'text', text: part.refusal };
      default:
        return { type: 'text', text: part.text };
    }
  });
}

function textOf(content: string | ResponsesPart[], at: string): string {
  if (typeof content === 'string') return content;
  return content
    .map((part, index) => {
      if (part.type === 'refusal') return part.refusal;
      if ('text' in part) return part.text;
      throw new InvalidFieldError(`${at}.${index}.type`, 'expected text');
    })
    .join('');
}

/** Leaves out what was not said, since some services refuse null. */
function withoutEmpty<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  ) as T;
}
