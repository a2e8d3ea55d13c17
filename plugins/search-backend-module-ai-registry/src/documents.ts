import type { PortalPages } from '@greenroom/ai-node';
import type { IndexableDocument } from '@backstage/plugin-search-common';
import type {
  Dataset,
  DatasetSearchDocument,
  DatasetVersion,
  Model,
  ModelSearchDocument,
  ModelVersion,
  Promotion,
  PromotionSearchDocument,
  VersionSearchDocument,
} from '@greenroom/plugin-ai-registry-common';

/** Of a dataset; who looks for one of many finds it by another. */
const COLUMNS_TO_FIND = 50;

/** What the search knows of a model. */
export function modelDocument(
  model: Model,
  pages: PortalPages,
): ModelSearchDocument & IndexableDocument {
  const { name, title, description, task, owner, tags } = model;
  return {
    title: called(name, title),
    text: words([
      description,
      task,
      ...Object.entries(tags).map(([key, value]) => `${key}=${value}`),
    ]),
    location: pages.model(name),
    model: name,
    owner,
    authorization: { resourceRef: name },
  };
}

/** What the search knows of a version. */
export function versionDocument(
  model: Pick<Model, 'name' | 'title'>,
  version: ModelVersion,
  pages: PortalPages,
): VersionSearchDocument & IndexableDocument {
  const { evaluation, external } = version;
  const quality =
    evaluation &&
    `${evaluation.primary.name} ${rounded(
      evaluation.metrics[evaluation.primary.name],
    )} on ${evaluation.dataset.name}`;
  return {
    // Its model has both in its title, and is ranked above it.
    title: `Version ${version.version} of ${model.title}`,
    text: words([
      model.name,
      version.description,
      quality,
      external &&
        `runs at a provider: ${external.model} through ${external.connection}`,
      version.digest,
      version.source?.commit,
    ]),
    location: pages.version(model.name, version.version),
    model: model.name,
    version: version.version,
    authorization: { resourceRef: model.name },
  };
}

/** What the search knows of a promotion or rollback. */
export function promotionDocument(
  promotion: Promotion,
  pages: PortalPages,
  modelTitle = promotion.model,
): PromotionSearchDocument & IndexableDocument {
  const { id, kind, model, version, environment, reason } = promotion;
  const action = kind === 'rollback' ? 'Roll back' : 'Promote';
  return {
    title: `${action} ${modelTitle} to version ${version} in ${environment}`,
    text: words([model, reason, `asked for by ${promotion.requestedBy}`]),
    location: pages.promotion(id),
    model,
    promotion: id,
    authorization: { resourceRef: model },
  };
}

/** What the search knows of a dataset, and of the columns of its newest version. */
export function datasetDocument(
  dataset: Dataset,
  pages: PortalPages,
  newest?: DatasetVersion,
): DatasetSearchDocument & IndexableDocument {
  const { name, title, description, owner, tags } = dataset;
  return {
    title: called(name, title),
    text: words([
      description,
      ...Object.entries(tags).map(([key, value]) => `${key}=${value}`),
      newest?.columns
        ?.slice(0, COLUMNS_TO_FIND)
        .map(column => column.name)
        .join(', '),
      newest?.digest,
    ]),
    location: pages.dataset(name),
    dataset: name,
    owner,
    authorization: { resourceRef: name },
  };
}

/** The title with the name beside it, where that is another one: it is found by both. */
function called(name: string, title: string): string {
  return title === name ? name : `${title} (${name})`;
}

/** As many digits as the pages of the registry show. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function words(parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}
