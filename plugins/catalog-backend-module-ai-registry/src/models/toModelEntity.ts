import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import {
  ANNOTATION_MODEL,
  ANNOTATION_UPDATED_AT,
  ENTITY_TYPE_AI_MODEL,
  type Environments,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { toTags } from '../toTags';
import type { DeployedModel } from './deployedModel';
import { lifecycleOf } from './lifecycle';

/**
 * The newest version, by which the catalog can be filtered; so it can by
 * `greenroom.dev/<environment>-version`, what Git wants there, which need not serve yet.
 */
const LABEL_LATEST_VERSION = 'greenroom.dev/latest-version';

/**
 * The entity that stands for a registered model. Its versions are filled in when the catalog
 * processes it.
 */
export function toModelEntity(
  { model, deployments }: DeployedModel,
  options: {
    /** Address of a model's page in the portal. */
    pageOf: (name: string) => string;
    environments: Environments;
  },
): Entity {
  const url = options.pageOf(model.name);
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: {
      namespace: 'default',
      name: model.name,
      title: model.title,
      ...(model.description && { description: model.description }),
      annotations: {
        [ANNOTATION_LOCATION]: `url:${url}`,
        [ANNOTATION_ORIGIN_LOCATION]: `url:${url}`,
        [ANNOTATION_MODEL]: model.name,
        [ANNOTATION_UPDATED_AT]: model.updatedAt,
      },
      labels: toLabels(model, options.environments),
      links: [{ url, title: 'Model registry', type: 'ai-model' }],
      tags: toTags([model.task], model.tags),
    },
    spec: {
      type: ENTITY_TYPE_AI_MODEL,
      lifecycle: model.deprecation
        ? 'deprecated'
        : lifecycleOf(deployments, options.environments),
      owner: model.owner,
      ...(model.system && { system: model.system }),
      environments: deployments,
    },
  };
}

function toLabels(
  model: Model,
  environments: Environments,
): Record<string, string> {
  const inEnvironments = model.aliases.filter(({ alias }) =>
    environments.has(alias),
  );
  return {
    ...(model.latestVersion && {
      [LABEL_LATEST_VERSION]: String(model.latestVersion),
    }),
    ...Object.fromEntries(
      inEnvironments.map(({ alias, version }) => [
        `greenroom.dev/${alias}-version`,
        String(version),
      ]),
    ),
  };
}
