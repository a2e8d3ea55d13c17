import type { ChatCompletion } from 'openai/resources/chat/completions';
import { InferenceError } from '../../../domain/InferenceError';
import { InvalidFieldError } from '../../../language/InvalidFieldError';
import { tokensOf } from '../../../providers/openai/tokens';
import type { Front } from '../Front';
import { parseObject } from '../requests';
import { responsesRequest, type ResponsesRequest } from './requestSchema';
import {
  callItem,
  messageItem,
  reasoningItem,
  ResponseBuilder,
  type OutputItem,
} from './ResponseBuilder';
import { ResponsesStream } from './ResponsesStream';
import { toChatRequest } from './toChatRequest';

/** OpenAI's Responses API, answered by a chat; nothing is kept between requests. */
export const responsesFront: Front<'chat'> = {
  task: 'chat',
  parse: body => {
    const asked = parse(body);
    const builder = new ResponseBuilder(asked);
    return {
      model: asked.model,
      user: asked.user ?? asked.safety_identifier ?? undefined,
      request: toChatRequest(asked),
      whole: answer => {
        builder.setModel(answer.model);
        const [{ finish_reason: finish }] = answer.choices;
        const tokens = tokensOf(answer.usage);
        return builder.ended(outputOf(answer), finish, tokens).response;
      },
      stream: () => new ResponsesStream(builder),
    };
  },
};

/** @throws InvalidFieldError that names a field that a chat cannot answer */
function parse(body: Buffer): ResponsesRequest {
  const result = responsesRequest.safeParse(parseObject(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue.code === 'unrecognized_keys') {
    throw new InvalidFieldError(
      [...issue.path, issue.keys[0]].map(String).join('.'),
      'not answered here; leave it out',
    );
  }
  throw new InvalidFieldError(issue.path.map(String).join('.'), issue.message);
}

function outputOf({ choices }: ChatCompletion): OutputItem[] {
  const [choice] = choices;
  if (!choice) {
    throw new InferenceError('bad-gateway', 'the provider gave no answer');
  }
  const { message } = choice;
  const { reasoning_content: thought } = Object(message);
  const calls = (message.tool_calls ?? []).filter(
    call => call.type === 'function',
  );
  return [
    ...(typeof thought === 'string'
      ? [reasoningItem(thought, 'completed')]
      : []),
    ...(message.content || calls.length === 0
      ? [messageItem(message.content ?? '', 'completed')]
      : []),
    ...calls.map(({ id, function: { name, arguments: args } }) =>
      callItem({ id, name, arguments: args }, 'completed'),
    ),
  ];
}
