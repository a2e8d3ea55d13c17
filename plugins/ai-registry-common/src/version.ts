import type { Bundle, ExternalDescriptor } from '@greenroom/bundle-file';
import type { BaselineProfile } from '@greenroom/ml-kit';
import type { VersionConversion } from './conversion';
import type { Deprecation } from './deprecation';
import type { MeasuredHere } from './measurement';
import type { TagChanges } from './model';
import type { ModelSchema, Signature } from './signature';
import type { VersionSigning } from './versionSigning';

/** Content address of an artifact: `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** A file in the artifact store, known by its content. */
export interface Artifact {
  digest: Digest;
  sizeBytes: number;
}

/** What the files of a version are together. */
export type ModelFormat =
  /** A model file that data planes run themselves. */
  | 'onnx'
  /** One descriptor (`external.json`) of a model that a provider runs. */
  | 'external'
  /** A folder of MLflow with `MLmodel` in it; kept, and served only once it is converted. */
  | 'mlflow';

export const MODEL_FORMATS: readonly ModelFormat[] = [
  'onnx',
  'external',
  'mlflow',
];

/** What `MLmodel` of a folder of MLflow says of it. */
export interface MlflowFacts {
  /** Ways to load it, such as `python_function` and `sklearn`, by name. */
  flavors: MlflowFlavor[];
  /** Version of MLflow that wrote it. */
  mlflowVersion?: string;
  /** Run that made it. */
  run?: string;
  /** The logged model that it is, `m-` and 32 hexadecimal digits. */
  modelId?: string;
  /** When it was made, as MLflow wrote it. */
  createdAt?: string;
  /** Why it has no signature here though MLmodel has one, in a sentence. */
  signatureProblem?: string;
}

export interface MlflowFlavor {
  name: string;
  /** What is said of it in one word each, such as `sklearn_version`; nested values are left out. */
  facts: Record<string, string>;
}

/** Stages of MLflow; of a version that has none, MLflow says `None`. They are labels, and move nothing. */
export const VERSION_STAGES = ['Staging', 'Production', 'Archived'] as const;

export type VersionStage = (typeof VERSION_STAGES)[number];

/** Measured quality on rows that training did not see. */
export interface Evaluation {
  dataset: {
    name: string;
    /** Content address of the evaluation rows: two versions are comparable row by row when it is equal. */
    digest: Digest;
    rows: number;
  };
  /** Every metric by name, e.g. `{ accuracy: 0.97 }`. */
  metrics: Record<string, number>;
  /** The metric that decides, and which way is better. */
  primary: { name: string; higherIsBetter: boolean };
  /**
   * One value per evaluation row whose mean is the primary metric (1 for a right
   * answer, an absolute error in the target's unit, ...), in the data set's row order.
   */
  perRow?: number[];
  /** Parts of the rows that are looked at apart, such as one for each site. */
  slices?: EvaluationSlice[];
  /** Only the registry says so; undefined for what somebody claims. */
  measured?: MeasuredHere;
}

/** Some of the rows of an evaluation. */
export interface EvaluationSlice {
  /** Two versions are compared on slices of the same name. */
  name: string;
  /** Places in `perRow`, from 0, ascending. */
  rows: number[];
}

/** Large, and only told with a version of its own. */
export type EvaluationSummary = Omit<Evaluation, 'perRow' | 'slices'>;

/** Where a version came from. */
export interface VersionSource {
  /** URL of the Git repository with the training code. */
  repository?: string;
  /** Full Git commit id of the training code. */
  commit?: string;
  /** Path of the training script in that repository. */
  path?: string;
  /** Identifier of the training run. */
  run?: string;
  /** Page of the training run. */
  runLink?: string;
  /** Where its files came from, as the client named it, such as `runs:/<run>/model`. */
  uri?: string;
  /** The logged model of MLflow that it was made of. */
  loggedModel?: string;
}

/** An evaluation with who added it; those of a version are kept for ever, newest first. */
export interface VersionEvaluation extends Evaluation {
  id: string;
  addedAt: string;
  addedBy: string;
}

/** What an ONNX file says about itself. */
export interface ModelFile {
  /** Version of the file format. */
  irVersion: number;
  /** Version of the standard operators; undefined when the model uses none. */
  opset?: number;
  /** Program that wrote the file, e.g. `skl2onnx 1.20.0`. */
  producer?: string;
}

/** Whether the data plane's own runtime can serve a version, found out by loading it once. */
export type Servability =
  /** The trial is still to come. */
  | { state: 'pending' }
  | {
      state: 'servable';
      triedAt: string;
      /** What it was tried with, e.g. `greenroom-inference-server 0.1.0`. */
      runtime: string;
      /** Reading the file and preparing it, in milliseconds. */
      loadMillis: number;
      /** The first runs, in milliseconds. */
      warmUpMillis: number;
      /** Most memory that the trial's process used, in bytes. */
      peakMemoryBytes: number;
      /** Of one row alone, in microseconds; undefined where no made-up row could be computed. */
      latencyMicros?: { runs: number; p50: number; p95: number };
    }
  | { state: 'unservable'; triedAt: string; runtime: string; reason: string }
  /** Nothing was found out: no trial is configured, or it could not be run. */
  | { state: 'not-tried'; reason: string };

/** An immutable version of a model. */
export interface ModelVersion {
  model: string;
  /** 1, 2, 3, ... within the model. */
  version: number;
  description: string;
  format: ModelFormat;
  /** Of the single file, or of the list of the bundle's files (`bundle.json`). */
  digest: Digest;
  /** Of all files together. */
  sizeBytes: number;
  /** Number of files of the bundle; undefined for a single file that is no bundle. */
  files?: number;
  /** Undefined for versions that were registered before this was kept. */
  modelFile?: ModelFile;
  /** Undefined for an external model, whose callers use OpenAI's API, and where a folder of MLflow says none. */
  signature?: Signature;
  /** What the descriptor of an external model says; undefined for other formats. */
  external?: ExternalDescriptor;
  /** Undefined where its files have no MLmodel. */
  mlflow?: MlflowFacts;
  /** Paths of files that run code of whoever made them when they are loaded; undefined where none was found, or looked for. */
  pickles?: string[];
  /** As its model card names it; undefined where it has none, or none is named there. */
  licence?: string;
  schema?: ModelSchema;
  /** Without the per-row values; see {@link ModelVersionDetail}. */
  evaluation?: EvaluationSummary;
  servability: Servability;
  /** Some of its reference rows, as an artifact; undefined where none were given, or the model is tagged personal. */
  reference?: ReferenceFile;
  tags: Record<string, string>;
  source: VersionSource;
  /** The version of this model that a training job has converted to it; undefined where none has. */
  convertedFrom?: number;
  /** Label of clients that know MLflow's stages; undefined where it has none. */
  stage?: VersionStage;
  aliases: string[];
  /** Its own, besides that of the model; undefined where there is none. */
  deprecation?: Deprecation;
  createdAt: string;
  createdBy: string;
}

/** A version with its large parts. */
export interface ModelVersionDetail extends Omit<ModelVersion, 'evaluation'> {
  evaluation?: Evaluation;
  /** The newest one by each other metric that decides, on the same rows; undefined where there are none. */
  otherEvaluations?: OtherEvaluation[];
  /** Who signed its files; undefined where it is not signed, or not told. */
  signing?: VersionSigning;
  /** How it was made of a version that MLflow had logged; undefined where it was not. */
  conversion?: VersionConversion;
  /** Frozen reference profile that live traffic is compared with. */
  baseline?: BaselineProfile;
}

/** An evaluation with its interval instead of its values. */
export interface OtherEvaluation extends EvaluationSummary {
  /** Of the primary metric, 95 % confidence; undefined without values per row. */
  interval?: [number, number];
}

export type ReferenceValue = number | string | boolean | null;

/** Rows that a version's baseline is frozen from. */
export interface ReferenceRows {
  /**
   * [row][feature], features in the order of `schema.features`: numbers, texts for an input of type
   * BYTES, booleans for BOOL; null for a missing value.
   */
  features: ReferenceValue[][];
  /** The version's own answer for each row: a class label or a number. */
  predictions: (number | string)[];
}

/** An artifact with some of a version's reference rows: {@link StoredReference}. */
export interface ReferenceFile {
  digest: Digest;
  rows: number;
  sizeBytes: number;
}

/** Some of the reference rows of a version, as data planes read them to explain predictions. */
export interface StoredReference {
  formatVersion: 1;
  /** Names of the features, in the order of the schema. */
  features: string[];
  /** [row][feature], at most 1,000 rows. */
  rows: ReferenceValue[][];
  /** The version's own answer for each row. */
  predictions: (number | string)[];
}

/** Lies beside a model and has the {@link VersionFacts} of its version as JSON; it is no file of the version. */
export const DESCRIPTION_FILE = 'greenroom.json';

/** What is said about a version, apart from its files. */
export interface VersionFacts {
  description?: string;
  schema?: ModelSchema;
  evaluation?: Evaluation;
  reference?: ReferenceRows;
  tags?: Record<string, string>;
  source?: VersionSource;
}

/** What may be said anew of a version; its files and what was measured stay as they are. */
export interface VersionChanges {
  description?: string;
  tagChanges?: TagChanges;
  /** null takes it away. */
  stage?: VersionStage | null;
  /** With `stage` Staging or Production: whether the model's others in that stage become Archived. */
  archiveOthers?: boolean;
}

/** A version of files that were uploaded before: of a single one, or of a bundle. */
export type NewVersion = VersionFacts & VersionContent;

/** What a version is made of: a single file, or a bundle. */
export type VersionContent =
  | { digest: Digest; bundle?: undefined }
  | { bundle: Bundle<ModelFormat>; digest?: undefined };

/** Two versions side by side. */
export interface VersionComparison {
  base: ModelVersion;
  candidate: ModelVersion;
  metrics: {
    name: string;
    base?: number;
    candidate?: number;
    /** candidate - base. */
    difference?: number;
    /** Whether the primary metric's direction is known, and the candidate is better by it. */
    better?: boolean;
  }[];
  /** Present when both were evaluated on the same rows. */
  paired?: PairedComparison;
  /** By the other metrics that decide, where both were evaluated with them on the same rows. */
  otherPaired?: PairedComparison[];
  signature: SignatureComparison;
  tags: { key: string; base?: string; candidate?: string }[];
}

/** Whether callers of one version can go on with another. */
export interface SignatureComparison {
  compatible: boolean;
  /** One sentence for each thing that would break them. */
  differences: string[];
  /** Why there are no signatures to compare, in a sentence. */
  notComparable?: string;
}

/** Primary metric of two versions on the same rows: candidate - base, so that a positive value is always better. */
export interface PairedComparison {
  metric: string;
  rows: number;
  /** Mean improvement in the metric's unit; the sign is turned for metrics where lower is better. */
  improvement: number;
  /** 95 % confidence interval of the improvement. */
  interval: [number, number];
  /** paired-bootstrap-bca: as of comparisons before 2026-11-25, too sure of few rows. */
  method: 'paired-bootstrap-worst-case' | 'paired-bootstrap-bca';
}
