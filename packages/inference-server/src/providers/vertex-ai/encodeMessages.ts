import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import type { Content, Part } from './wire';

const DATA_URL = /^data:([a-z0-9.+-]+\/[a-z0-9.+-]+);base64,(.*)$/is;
const AUDIO_TYPES: Record<string, string> = {
  wav: 'audio/wav',
  mp3: 'audio/mp3',
};

/**
 * Translates messages. Those of one side that follow each other become one, as the service
 * wants turns.
 *
 * @throws InvalidFieldError that names what has no counterpart
 */
export function encodeMessages(messages: ChatCompletionMessageParam[]): {
  contents: Content[];
  system: Part[];
} {
  const system: Part[] = [];
  const contents: Content[] = [];
  const toolNames = new Map<string, string>();
  const say = (role: Content['role'], parts: Part[]) => {
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts });
  };
  messages.forEach((message, index) => {
    const at = `messages.${index}`;
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...encodeContent(message.content, at));
        break;
      case 'user':
        say('user', encodeContent(message.content, at));
        break;
      case 'assistant': {
        const calls = message.tool_calls ?? [];
        for (const call of calls) toolNames.set(call.id, nameOf(call, at));
        say('model', [
          ...encodeContent(message.content ?? [], at),
          ...calls.map(call => encodeCall(call, at)),
        ]);
        break;
      }
      case 'tool': {
        const name = toolNames.get(message.tool_call_id);
        if (name === undefined) {
          throw new InvalidFieldError(
            `${at}.tool_call_id`,
            'expected the id of a call in a message before it',
          );
        }
        const response = toResponse(textOf(message.content, at));
        say('user', [{ functionResponse: { name, response } }]);
        break;
      }
      default:
        throw new InvalidFieldError(
          `${at}.role`,
          'expected system, developer, user, assistant or tool',
        );
    }
  });
  return { contents, system };
}

type AnyPart = ChatCompletionContentPart | { type: 'refusal'; refusal: string };

function encodeContent(content: string | AnyPart[], at: string): Part[] {
  if (typeof content === 'string') {
    return content === '' ? [] : [{ text: content }];
  }
  return content.map((part, index) =>
    encodePart(part, `${at}.content.${index}`),
  );
}

function encodePart(part: AnyPart, at: string): Part {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'refusal':
      return { text: part.refusal };
    case 'image_url':
      return encodeFile(part.image_url.url, `${at}.image_url.url`);
    case 'input_audio': {
      const { data, format } = part.input_audio;
      return { inlineData: { mimeType: AUDIO_TYPES[format], data } };
    }
    case 'file':
      if (part.file.file_data !== undefined) {
        return encodeFile(part.file.file_data, `${at}.file.file_data`);
      }
      throw new InvalidFieldError(
        `${at}.file`,
        'expected file_data: files of OpenAI are not known here',
      );
    default:
      throw new InvalidFieldError(
        `${at}.type`,
        'expected text, image_url, input_audio or file',
      );
  }
}

/** The service fetches nothing by itself that it does not know the type of. */
function encodeFile(url: string, at: string): Part {
  const match = DATA_URL.exec(url);
  if (match) {
    return { inlineData: { mimeType: match[1].toLowerCase(), data: match[2] } };
  }
  throw new InvalidFieldError(
    at,
    'expected the data themselves, as data:image/png;base64,...',
  );
}

/** @throws InvalidFieldError for a tool that is no function */
function nameOf(call: ChatCompletionMessageToolCall, at: string): string {
  if (call.type === 'function') return call.function.name;
  throw new InvalidFieldError(
    `${at}.tool_calls`,
    'expected calls of functions',
  );
}

function encodeCall(call: ChatCompletionMessageToolCall, at: string): Part {
  if (call.type !== 'function') {
    throw new InvalidFieldError(
      `${at}.tool_calls`,
      'expected calls of functions',
    );
  }
  const { name, arguments: text } = call.function;
  const args = parseObject(text === '' ? '{}' : text);
  if (args === undefined) {
    throw new InvalidFieldError(
      `${at}.tool_calls`,
      `expected arguments of ${name} that are a JSON object`,
    );
  }
  const signature = signatureOf(call);
  return {
    functionCall: { name, args },
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

/** What the model thought for the call, which it wants back; where Google's own translation puts it. */
function signatureOf(call: object): string | undefined {
  const { extra_content: extra } = Object(call);
  const signature = extra?.google?.thought_signature;
  return typeof signature === 'string' ? signature : undefined;
}

function textOf(
  content: string | { type: 'text'; text: string }[],
  at: string,
): string {
  if (typeof content === 'string') return content;
  return content
    .map(part => {
      if (part.type === 'text') return part.text;
      throw new InvalidFieldError(`${at}.content`, 'expected text');
    })
    .join('');
}

/** The service takes objects; anything else is put into one. */
function toResponse(text: string): Record<string, unknown> {
  return parseObject(text) ?? { result: text };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject =
      typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
