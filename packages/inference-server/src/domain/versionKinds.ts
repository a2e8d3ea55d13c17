import { LANGUAGE_PATHS } from '@greenroom/plugin-ai-inference-common';
import { InferenceError } from './InferenceError';
import type { LanguageTask } from './LanguageModel';
import type {
  ServedVersion,
  TensorVersion,
  TextVersion,
} from './ServedVersion';

/** @throws InferenceError `not-found` when the version takes no tensors. */
export function asTensors(served: ServedVersion): TensorVersion {
  if (served.kind === 'tensors') return served;
  throw new InferenceError(
    'not-found',
    `model "${served.model}" takes text, not tensors: call ${pathsOf(served)}`,
  );
}

/** Whether the version does anything with texts. */
export function takesText(served: ServedVersion): served is TextVersion {
  return served.language !== undefined;
}

/** @throws InferenceError `not-found` when the version does not do the task. */
export function asLanguage(
  served: ServedVersion,
  task: LanguageTask,
): TextVersion {
  if (!takesText(served)) {
    throw new InferenceError(
      'not-found',
      `model "${served.model}" takes tensors, not text: call /v2/models/${served.model}/infer`,
    );
  }
  if (served.language.tasks.has(task)) return served;
  throw new InferenceError(
    'not-found',
    `version ${served.version} of model "${served.model}" does not answer ${
      LANGUAGE_PATHS[task]
    }: call ${pathsOf(served)}`,
  );
}

function pathsOf({ language }: Pick<TextVersion, 'language'>): string {
  return [...language.tasks].map(task => LANGUAGE_PATHS[task]).join(' or ');
}
