import type { ParameterValue } from '@greenroom/plugin-ai-training-common';
import { AttemptRefusedError, type WantedAttempt } from './TrainingBackend';

const PLACEHOLDER = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/**
 * The program and its arguments, with the values of parameters where `{{ name }}` stands.
 *
 * @throws AttemptRefusedError where there is no such parameter
 */
export function commandOf({
  program,
  parameters,
}: Pick<WantedAttempt, 'program' | 'parameters'>): string[] {
  return program.command.map(word =>
    word.replace(PLACEHOLDER, (_, name: string) => {
      if (Object.hasOwn(parameters, name)) return String(parameters[name]);
      throw new AttemptRefusedError(
        `its command names the parameter ${name}, which it does not have: add it to the template's parameters`,
      );
    }),
  );
}

/** Values of parameters as the program sees them: `GREENROOM_PARAM_EPOCHS`. */
export function parameterVariables(
  parameters: Record<string, ParameterValue>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      `GREENROOM_PARAM_${variableName(name)}`,
      String(value),
    ]),
  );
}

/** Where the files of a dataset are: `GREENROOM_DATASET_TRAIN_SET` for `train-set`. */
export function datasetVariable(name: string): string {
  return `GREENROOM_DATASET_${variableName(name)}`;
}

function variableName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
}
