import type { LanguageTask } from '../../domain/LanguageModel';
import { toOpenAiError } from './errors';
import type { Front, StreamWriter } from './Front';
import { parseRequest } from './requests';

const PLAIN_STREAM: StreamWriter<unknown> = {
  chunk: chunk => `data: ${JSON.stringify(chunk)}\n\n`,
  end: () => 'data: [DONE]\n\n',
  // The clients of OpenAI's API raise what they find under `error`; no [DONE] follows.
  fail: error => `data: ${JSON.stringify(toOpenAiError(error))}\n\n`,
};

/** OpenAI's own form of a task: answers are passed on as they are. */
export function plainFront<T extends LanguageTask>(task: T): Front<T> {
  return {
    task,
    parse: body => {
      const request = parseRequest(task, body);
      const { user } = request;
      return {
        model: request.model,
        user: typeof user === 'string' && user !== '' ? user : undefined,
        request,
        whole: answer => answer,
        stream: () => PLAIN_STREAM,
      };
    },
  };
}
