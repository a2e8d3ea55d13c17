import type { ContentFilterResultDetailsForPromptOutput } from '@azure/openai/types';
import { reasonOf } from '../openai/errors';

/** What Azure adds to an error of OpenAI's form when its content filter refused the prompt. */
interface FilteredPromptError {
  error?: {
    innererror?: {
      content_filter_result?: Partial<ContentFilterResultDetailsForPromptOutput>;
    };
  };
}

/** Azure's reason, with the categories that its content filter found, such as `violence (high)`. */
export function explainAzure(body: unknown): string | undefined {
  const reason = reasonOf(body);
  const { error } = Object(body) as FilteredPromptError;
  const found = Object.entries(
    Object(Object(error?.innererror).content_filter_result),
  ).flatMap(([category, result]) => {
    const { filtered, severity } = Object(result);
    if (filtered !== true) return [];
    return typeof severity === 'string'
      ? `${category} (${severity})`
      : category;
  });
  if (reason === undefined || found.length === 0) return reason;
  return `${reason} Found: ${found.join(', ')}.`;
}
