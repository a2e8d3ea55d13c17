import type { KeyScope } from '@greenroom/plugin-ai-inference-common';
import { InferenceError } from '../domain/InferenceError';

const NEEDED_FOR: Record<KeyScope, string> = {
  versions: 'have a version answer that it names',
  load: 'load or unload models',
  train: 'start, see or end training jobs',
};

/** A key is good for the model, and may not do that. */
export class ScopeMissingError extends InferenceError {
  constructor(key: string, scope: KeyScope) {
    super(
      'forbidden',
      `the key "${key}" may not ${NEEDED_FOR[scope]}: that needs its scope "${scope}", which its owner gives it in the portal, under Inference, Keys`,
    );
    this.name = 'ScopeMissingError';
  }
}
