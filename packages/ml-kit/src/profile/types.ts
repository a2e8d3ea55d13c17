/** Counts over bins that a baseline froze, so that profiles add up exactly. */
export interface NumericHistogram {
  kind: 'numeric';
  /** Ascending, at least two. Bin i holds `edges[i] <= x < edges[i + 1]`; the last one also its upper edge. */
  edges: number[];
  /** One a bin: `edges.length - 1`. */
  counts: number[];
  underflow: number;
  overflow: number;
  /** null or undefined. */
  nulls: number;
  nans: number;
}

/** Booleans ('false', 'true'), texts and classes: the most frequent ones by name, all others together. */
export interface CategoricalHistogram {
  kind: 'categorical';
  /** Known categories, in the order of `counts`; texts beyond 100 characters are cut, see `categoryOf`. */
  categories: string[];
  counts: number[];
  /** Values outside of `categories`: of a baseline the rarer ones, of live rows also what is new. */
  unseen: number;
  /** null, undefined and NaN. */
  nulls: number;
}

/** A value of a row. null, undefined and NaN are missing. */
export type FeatureValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined;

/** What a feature is counted as: numbers by their size, categories by their name. */
export type FeatureKind = 'numeric' | 'categorical';

export type FeatureHistogram = NumericHistogram | CategoricalHistogram;

/**
 * Count, mean and spread of the finite values seen (Welford's sums). In JSON, where infinities become null, those of an
 * empty profile are still taken as empty.
 */
export interface Moments {
  count: number;
  mean: number;
  /** Sum of squared differences from the mean. */
  m2: number;
  /** Infinity when empty. */
  min: number;
  /** -Infinity when empty. */
  max: number;
}

export interface FeatureProfile {
  name: string;
  histogram: FeatureHistogram;
  /** Only for numeric features. */
  moments?: Moments;
}

/** Mergeable summary of rows: one histogram a feature, and one of the prediction. */
export interface Profile {
  formatVersion: 1;
  rows: number;
  features: FeatureProfile[];
  prediction?: FeatureProfile;
}

/** The profile of the rows that a version was released with. Its bins are used for all live traffic. */
export type BaselineProfile = Profile;
