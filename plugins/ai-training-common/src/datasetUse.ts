import type { RunStatus } from './run';

/**
 * Tag of a run's input that names the version of a dataset of the registry by its digest, `sha256:` and 64
 * hexadecimal digits: `mlflow.log_input(dataset, tags={...})`.
 */
export const DATASET_DIGEST_TAG = 'greenroom.dataset.digest';

/**
 * How many hexadecimal digits of a version's digest MLflow's own field for digests can hold, which takes 36
 * characters. 128 bits tell versions apart; what MLflow computes by itself has 8 digits and is never taken for one.
 */
export const SHORT_DIGEST_CHARACTERS = 32;

/**
 * Which version of a dataset of the registry a run says it read, and by what it says so. It is the run's
 * word: nobody has seen the rows that it read.
 */
export type DatasetReference =
  /** The tag {@link DATASET_DIGEST_TAG}: the whole digest. */
  | { by: 'tag'; digest: string }
  /** MLflow's own digest, where it is the first digits of ours. */
  | { by: 'digest'; digestPrefix: string }
  /** The source is an address of the version in this portal. */
  | { by: 'source'; dataset: string; version: number };

/** A dataset that a run read, which is of the registry. */
export interface RegistryInput {
  /** As the run calls it. */
  name: string;
  /** As the run's client says. */
  digest: string;
  reference: DatasetReference;
}

/** Which runs read a version: those that name it in one of the three ways. */
export interface DatasetUseQuery {
  /** Name of the dataset. */
  dataset: string;
  version: number;
  /** Of the version, and of its file where it has one. */
  digests: string[];
}

/** That a run read a version of a dataset. */
export interface DatasetRun {
  run: string;
  name: string;
  status: RunStatus;
  experiment: string;
  experimentName: string;
  /** Milliseconds since 1970, as the client says. */
  startedAt?: number;
  /** What for, such as `training`; undefined where the run does not say. */
  context?: string;
  by: DatasetReference['by'];
}
