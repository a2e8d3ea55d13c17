import { MlflowError } from '../mlflow/MlflowError';

/** What clients mark prompts with, which are models and versions to them. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

export const NO_PROMPTS =
  'Greenroom keeps no prompts of MLflow: a prompt is part of a version that a provider runs, in its descriptor';

/** @throws MlflowError where the tags make a prompt of a thing */
export function refusePrompt(tags: Record<string, string>): void {
  if (tags[PROMPT_TAG]?.toLowerCase() === 'true') {
    throw new MlflowError('NOT_FOUND', NO_PROMPTS);
  }
}
