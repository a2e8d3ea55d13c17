import {
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  type Model,
  parsePlaceRef,
  RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
} from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';

/** A model where it runs, or is to run. */
export interface ModelInEnvironment {
  environment: string;
  model: Model;
}

/** A condition on models in environments. */
export interface PlaceCondition {
  ownerIn?: string[];
  environmentIn?: string[];
}

export const aiModelInEnvironmentResourceRef = createPermissionResourceRef<
  ModelInEnvironment,
  PlaceCondition
>().with({
  pluginId: 'ai-registry',
  resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
});

/** Lets those pass who own the model, themselves or through a group. */
export const isOwnerOfModelInEnvironment = createPermissionRule({
  name: 'IS_MODEL_OWNER',
  description: 'The model is owned by one of the claims',
  resourceRef: aiModelInEnvironmentResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs that the caller owns things through'),
  }),
  apply: ({ model }, { claims }) => claims.includes(model.owner),
  toQuery: ({ claims }) => ({ ownerIn: claims }),
});

/** Lets pass in some environments: "may promote to dev, not to production". */
export const isInEnvironment = createPermissionRule({
  name: 'IS_IN_ENVIRONMENT',
  description: 'It is about one of the environments',
  resourceRef: aiModelInEnvironmentResourceRef,
  paramsSchema: z.object({
    environments: z.array(z.string()).describe('Such as dev and staging'),
  }),
  apply: ({ environment }, { environments }) =>
    environments.includes(environment),
  toQuery: ({ environments }) => ({ environmentIn: environments }),
});

/** The things behind names `<environment>/<model>`; undefined where there is no such model. */
export async function findPlaces(
  refs: string[],
  getModels: (names: string[]) => Promise<(Model | undefined)[]>,
): Promise<(ModelInEnvironment | undefined)[]> {
  const places = refs.map(parsePlaceRef);
  const names = [...new Set(places.flatMap(place => place?.model ?? []))];
  const models = await getModels(names);
  const found = new Map(models.flatMap(it => (it ? [[it.name, it]] : [])));
  return places.map(place => {
    const model = place && found.get(place.model);
    return model && { environment: place.environment, model };
  });
}
