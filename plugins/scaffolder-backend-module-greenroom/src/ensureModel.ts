import { InputError, isError } from '@backstage/errors';
import type {
  AiRegistryClient,
  ModelTask,
  NewModel,
  RequestOptions,
} from '@greenroom/plugin-ai-registry-common';

/**
 * Registers a model where it is not registered yet; one that is there stays as it is.
 *
 * @returns whether it was registered now
 * @throws InputError where it has to be, and nobody says what it does
 */
export async function ensureModel(
  wanted: {
    model: string;
    task?: ModelTask;
    title?: string;
    owner?: string;
    description?: string;
    tags?: Record<string, string>;
  },
  options: {
    registry: Pick<AiRegistryClient, 'getModel' | 'createModel'>;
    call(): Promise<RequestOptions>;
  },
): Promise<boolean> {
  const { model: name, task, title, owner, description, tags } = wanted;
  const { registry, call } = options;
  try {
    await registry.getModel(name, await call());
    return false;
  } catch (error) {
    if (!isError(error) || error.statusCode !== 404) throw error;
  }
  if (task === undefined) {
    throw new InputError(
      `task: expected what the model does, such as classification, since '${name}' is not registered yet`,
    );
  }
  const model: NewModel = {
    name,
    task,
    ...(title && { title }),
    ...(owner && { owner }),
    ...(description && { description }),
    ...(tags && { tags }),
  };
  await registry.createModel(model, await call());
  return true;
}
