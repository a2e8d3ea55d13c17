/** Types of search results, as the search names them. */
export const SEARCH_TYPES = {
  model: 'ai-model',
  version: 'ai-model-version',
  promotion: 'ai-promotion',
  dataset: 'ai-dataset',
} as const;

interface SearchDocumentOfModel {
  /** The title, with the model's name beside it. */
  title: string;
  text: string;
  /** Path in the portal, where its pages were not moved. */
  location: string;
  /** Name of the model it is, or belongs to. */
  model: string;
}

export interface ModelSearchDocument extends SearchDocumentOfModel {
  /** Entity ref. */
  owner: string;
}

export interface VersionSearchDocument extends SearchDocumentOfModel {
  version: number;
}

export interface PromotionSearchDocument extends SearchDocumentOfModel {
  /** Id of the promotion. */
  promotion: string;
}

export interface DatasetSearchDocument {
  /** The title, with the dataset's name beside it. */
  title: string;
  text: string;
  /** Path in the portal, where its pages were not moved. */
  location: string;
  /** Name of the dataset. */
  dataset: string;
  /** Entity ref. */
  owner: string;
}
