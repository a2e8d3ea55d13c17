import type { ParameterValue } from '@greenroom/plugin-ai-training-common';
import { AttemptRefusedError, type WantedAttempt } from './TrainingBackend';

const PLACE_PATTERN = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/**
 * A command with the values of parameters in the place of `{{ name }}`. Each word stays one word, whatever is in it.
 *
 * @throws AttemptRefusedError where it names a parameter that there is not
 */
export function fillCommand(
  command: readonly string[],
  parameters: Record<string, ParameterValue>,
): string[] {
  return command.map(word =>
    word.replace(PLACE_PATTERN, (_, name: string) => {
      if (!Object.hasOwn(parameters, name)) {
        throw new AttemptRefusedError(
          `The command has {{ ${name} }}, and there is no parameter ${name}: add it to the template, or take it out of the command`,
        );
      }
      return String(parameters[name]);
    }),
  );
}

/** Name of the variable in which a program finds a parameter or a dataset's folder. */
export function variableOf(kind: 'PARAM' | 'DATASET', name: string): string {
  return `GREENROOM_${kind}_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** Where a program finds what it reads and writes; absolute paths. */
export interface ProgramPlaces {
  /** Folder of a dataset, by the name that the program knows it by. */
  datasetFolder(name: string): string;
  /** Undefined where the program keeps none. */
  checkpoints?: string;
  /** File with the token that progress is told with. */
  tokenFile: string;
}

/**
 * Variables that every program gets, wherever it runs: its parameters, its files, its run. What is secret is not in
 * them: `MLFLOW_TRACKING_TOKEN` is added where the program is started.
 */
export function programVariables(
  wanted: Pick<WantedAttempt, 'parameters' | 'datasets' | 'environment'>,
  places: ProgramPlaces,
): Record<string, string> {
  const statusUrl = wanted.environment.KUBEFLOW_TRAINER_STATUS_URL;
  return {
    ...Object.fromEntries(
      Object.entries(wanted.parameters).map(([name, value]) => [
        variableOf('PARAM', name),
        String(value),
      ]),
    ),
    ...Object.fromEntries(
      wanted.datasets.map(({ name }) => [
        variableOf('DATASET', name),
        places.datasetFolder(name),
      ]),
    ),
    ...(places.checkpoints && { GREENROOM_CHECKPOINTS: places.checkpoints }),
    ...wanted.environment,
    // Kubeflow Trainer's clients read the token from a file. They were renamed once: the older ones say
    // STATUS, the newer ones and the callback of transformers SERVER.
    ...(statusUrl && {
      KUBEFLOW_TRAINER_STATUS_TOKEN: places.tokenFile,
      KUBEFLOW_TRAINER_SERVER_URL: statusUrl,
      KUBEFLOW_TRAINER_SERVER_TOKEN: places.tokenFile,
    }),
  };
}
