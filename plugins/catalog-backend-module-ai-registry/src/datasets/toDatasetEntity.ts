import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  type ResourceEntity,
} from '@backstage/catalog-model';
import {
  ANNOTATION_DATASET,
  type Dataset,
  DATASET_ENTITY_NAMESPACE,
  ENTITY_TYPE_DATASET,
} from '@greenroom/plugin-ai-registry-common';
import { toTags } from '../toTags';

/** The newest version, by which the catalog can be filtered. */
const LABEL_LATEST_VERSION = 'greenroom.dev/latest-version';

/** The entity that stands for a dataset. */
export function toDatasetEntity(
  dataset: Dataset,
  options: {
    /** Address of a dataset's page in the portal. */
    pageOf: (name: string) => string;
  },
): ResourceEntity {
  const url = options.pageOf(dataset.name);
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: {
      namespace: DATASET_ENTITY_NAMESPACE,
      name: dataset.name,
      title: dataset.title,
      ...(dataset.description && { description: dataset.description }),
      annotations: {
        [ANNOTATION_LOCATION]: `url:${url}`,
        [ANNOTATION_ORIGIN_LOCATION]: `url:${url}`,
        [ANNOTATION_DATASET]: dataset.name,
      },
      ...(dataset.latestVersion && {
        labels: { [LABEL_LATEST_VERSION]: String(dataset.latestVersion) },
      }),
      links: [{ url, title: 'Datasets', type: 'dataset' }],
      tags: toTags([], dataset.tags),
    },
    spec: { type: ENTITY_TYPE_DATASET, owner: dataset.owner },
  };
}
