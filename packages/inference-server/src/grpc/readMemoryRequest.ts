/** As the reader of messages gives a value that is one of several. */
interface ChosenValue {
  parameter_choice?: string;
  [name: string]: unknown;
}

/** Reads `RepositoryModelLoadRequest` and `RepositoryModelUnloadRequest`. */
export function readMemoryRequest(message: object): {
  model: string;
  parameters: Record<string, unknown>;
} {
  const {
    repository_name: repository,
    model_name: model,
    parameters,
  } = message as {
    repository_name: string;
    model_name: string;
    parameters: Record<string, ChosenValue>;
  };
  const chosen = Object.entries(parameters).map(([name, value]) => [
    name,
    value.parameter_choice && value[value.parameter_choice],
  ]);
  return {
    model,
    parameters: {
      ...(repository && { repository_name: repository }),
      ...Object.fromEntries(chosen),
    },
  };
}
