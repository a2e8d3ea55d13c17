import { InferenceError } from '../../domain/InferenceError';
import type { LanguageTask, LanguageTasks } from '../../domain/LanguageModel';
import type { Dialect, Provider } from '../Provider';
import { ProviderError } from '../ProviderError';
import { OpenAiStreamDecoder } from './OpenAiStreamDecoder';
import { tokensOf, type OpenAiUsage } from './tokens';

/** Where each task lies below the API's address, and what its answers have. */
const TASKS: Record<LanguageTask, { path: string; list: string }> = {
  chat: { path: '/chat/completions', list: 'choices' },
  completions: { path: '/completions', list: 'choices' },
  embeddings: { path: '/embeddings', list: 'data' },
};

/** OpenAI's API is the one that callers speak: nothing is translated but the model's name. */
export const openAiDialects: Required<Provider['dialects']> = {
  chat: streaming('chat'),
  completions: streaming('completions'),
  embeddings: {
    ...plain('embeddings'),
    createStreamDecoder: () => {
      throw new InferenceError('invalid', 'embeddings are not streamed');
    },
  },
};

function streaming<T extends 'chat' | 'completions'>(task: T): Dialect<T> {
  const whole = plain(task);
  return {
    ...whole,
    encode(request, model) {
      const call = whole.encode(request, model);
      if (!request.stream) return call;
      // Asked for in any case: without it nobody knows what the answer cost.
      const stream_options = { ...request.stream_options, include_usage: true };
      return { ...call, body: { ...Object(call.body), stream_options } };
    },
    createStreamDecoder: ({ request: { stream_options } }) =>
      new OpenAiStreamDecoder({
        showsUsage: stream_options?.include_usage === true,
      }),
  };
}

function plain<T extends LanguageTask>(
  task: T,
): Pick<Dialect<T>, 'framing' | 'encode' | 'decode'> {
  const { path, list } = TASKS[task];
  return {
    framing: 'sse',
    encode: (request, { name }) => ({
      model: name,
      path,
      body: { ...request, model: name },
    }),
    decode: body => {
      if (!isAnswer<LanguageTasks[T]['answer']>(body, list)) {
        throw new ProviderError(`its answer has no "${list}"`, { status: 502 });
      }
      return { body, tokens: tokensOf(body.usage) };
    },
  };
}

function isAnswer<Answer>(
  body: unknown,
  list: string,
): body is Answer & { usage?: OpenAiUsage } {
  return Array.isArray(Object(body)[list]);
}
