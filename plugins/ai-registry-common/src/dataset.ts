import type { DatasetColumn, DatasetFormat } from '@greenroom/bundle-file';
import type { JsonObject } from '@backstage/types';
import type { Digest } from './version';

/** Named rows that models are trained, evaluated or asked with, in numbered versions. */
export interface Dataset {
  /** Lower-case letters, digits and dashes; never changes. */
  name: string;
  title: string;
  /** Markdown. */
  description: string;
  /** Entity ref of the owning group or user, e.g. `group:default/vision`. */
  owner: string;
  tags: Record<string, string>;
  versionCount: number;
  latestVersion?: number;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
}

export interface NewDataset {
  name: string;
  title?: string;
  description?: string;
  owner: string;
  tags?: Record<string, string>;
}

export type DatasetChanges = Partial<
  Pick<Dataset, 'title' | 'description' | 'owner' | 'tags'>
>;

/** An immutable version of a dataset. */
export interface DatasetVersion {
  dataset: string;
  /** 1, 2, 3, ... within the dataset. */
  version: number;
  /** What is different in it. */
  description: string;
  /** Whether the rows are in the artifact store, or somewhere else under a digest that is believed. */
  kind: 'stored' | 'external';
  /** What evaluations name: of the list of files (`bundle.json`), or of what lies elsewhere. */
  digest: Digest;
  /** Of the file with the rows; undefined for an external version. */
  fileDigest?: Digest;
  /** How the rows are written down; undefined for an external version. */
  format?: DatasetFormat;
  /** Number of rows; undefined for an external version whose number nobody said. */
  rows?: number;
  /** In the order of the file; undefined for an external version. */
  columns?: DatasetColumn[];
  /** Of the file with the rows; undefined for an external version. */
  sizeBytes?: number;
  /** Where an external version lies; undefined for a stored one. */
  uri?: string;
  createdAt: string;
  createdBy: string;
}

/** A version that lies somewhere else. */
export interface NewExternalDataset {
  /** Such as `s3://bucket/rows.parquet`, without credentials. Nothing is fetched from there. */
  uri: string;
  /** Of the content that lies there. */
  digest: Digest;
  rows?: number;
  description?: string;
}

/** A row as JSON; a column that has no value in it is absent or null. */
export type DatasetRow = JsonObject;

/** Some rows of a version, in the order of its file. */
export interface DatasetRows {
  items: DatasetRow[];
  /** Rows before the first of these. */
  offset: number;
  /** Where to go on; undefined when there are no more rows. */
  nextOffset?: number;
}

/** The first rows of a version, for people to look at. */
export interface DatasetPreview {
  items: DatasetRow[];
  /** Whether a long text was cut: it ends in `…` then. */
  cut: boolean;
}

/** An evaluation of a model version on the rows of a dataset version. */
export interface DatasetUse {
  model: string;
  version: number;
  /** Name and value of the metric that decides. */
  metric: { name: string; value: number };
  addedAt: string;
  addedBy: string;
}

export interface DatasetQuery {
  /** Words to find in name, title, description and tags. */
  search?: string;
  owner?: string;
  /** `key=value` pairs that must all be there. */
  tags?: string[];
  limit?: number;
  cursor?: string;
}

/** Rule for a dataset's name; also its catalog entity name. */
export const DATASET_NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Most rows of a preview. */
export const MAX_PREVIEW_ROWS = 100;
/** Most rows of one answer. */
export const MAX_ROWS_AT_ONCE = 1_000;
