import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import {
  ANNOTATION_ENVIRONMENT,
  ANNOTATION_MODEL,
  type EnvironmentDefinition,
  isPersonal,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { toTags } from '../toTags';
import type { DeploymentFacts } from './deployedModel';
import { lifecycleIn } from './lifecycle';

/**
 * The entity that stands for a model's API in an environment. Its definition is filled in when the
 * catalog processes it, so that comparing thousands of them stays cheap.
 */
export function toApiEntity(
  deployed: {
    model: Model;
    deployment: DeploymentFacts;
    environment: EnvironmentDefinition;
  },
  options: {
    /** Address of a model's page in the portal. */
    pageOf: (name: string) => string;
    /** Whether the environment is what the others lead to. */
    isLast: boolean;
    /** Where callers reach the environment. */
    addresses: string[];
  },
): Entity {
  const { model, deployment, environment } = deployed;
  const url = options.pageOf(model.name);
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: {
      namespace: environment.name,
      name: model.name,
      title: `${model.title} in ${environment.title}`,
      ...(model.description && { description: model.description }),
      annotations: {
        [ANNOTATION_LOCATION]: `url:${url}`,
        [ANNOTATION_ORIGIN_LOCATION]: `url:${url}`,
        [ANNOTATION_MODEL]: model.name,
        [ANNOTATION_ENVIRONMENT]: environment.name,
      },
      links: [{ url, title: 'Model registry', type: 'ai-model' }],
      tags: toTags([model.task], model.tags),
    },
    spec: {
      type: 'openapi',
      lifecycle: model.deprecation
        ? 'deprecated'
        : lifecycleIn({ isLast: options.isLast }),
      owner: model.owner,
      ...(model.system && { system: model.system }),
      deployment: {
        ...deployment,
        addresses: options.addresses,
        ...(isPersonal(model) && { personal: true }),
      },
    },
  };
}
