import type {
  Connection,
  FallbackReason,
  ManifestLanguageModel,
  ModelSchema,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import type { RequestLimits } from './requestLimits';
import type { TokenLimits } from './tokenLimits';

export type { Connection, FallbackReason, ManifestLanguageModel };

/** What data planes ask and tell of prompts that versions are evaluated with. */
export type {
  EvaluationReply,
  EvaluationReport,
  EvaluationWork,
  PromptAnswer,
  PromptRow,
  StoredReference,
} from '@greenroom/plugin-ai-registry-common';

/**
 * What a data plane serves, published by the control plane as one immutable document. With
 * {@link AccessDocument} it is everything needed to answer requests. The data plane keeps the
 * last good ones on disk, so that it goes on serving when the control plane is away.
 */
export interface RoutesDocument {
  formatVersion: 2;
  /** Content hash of everything but `createdAt`; equal ids mean equal documents. Also the HTTP ETag. */
  id: string;
  /** ISO 8601. */
  createdAt: string;
  environment: string;
  models: ModelRoute[];
  /** All of the environment, for data planes to check whether they answer; of one with upstreams those, each by itself. */
  connections: ConnectionToCheck[];
}

/** A connection that data planes check when it comes, every ten minutes, and when `checkAttempt` grows. */
export interface ConnectionToCheck extends Connection {
  /** Counts the times that a check was asked for; left out for 0. */
  checkAttempt?: number;
}

/** Who may call: all keys, or what has changed since a cursor. */
export interface AccessDocument {
  formatVersion: 2;
  environment: string;
  /** Where this document ends; given back as `since`, the next one begins there. Also the HTTP ETag. */
  cursor: string;
  /** `all`: keys that are not named are not known any more. `changes`: they stay as they were. */
  content: 'all' | 'changes';
  /** Keys that are new or have changed. */
  keys: KeyGrant[];
  /** Ids of keys that were taken back; empty with `all`. */
  revoked: string[];
}

/** Longest time for which a question for a document may wait for a change, in seconds. */
export const MAX_WAIT_SECONDS = 30;

/** One deployed model: the variants that serve it and how traffic is split between them. */
export interface ModelRoute {
  model: string;
  /** Salts the assignment hash, so that cohorts of two models or rollouts are independent. */
  salt: string;
  variants: Variant[];
  batching: BatchingOptions;
  /** Where versions run that a data plane computes itself; left out for `auto`. */
  placement?: PlacementMode;
  /** Most memory for kept answers of a version that a data plane computes itself; left out for none. */
  responseCacheBytes?: number;
  /** How long versions that a data plane computes itself stay in its memory; all the time when left out. */
  loading?: LoadingMode;
  /** Input rows per second of this model whose values are copied into records; 0 for none. */
  recordedRowsPerSecond: number;
  /** Aliases and fallbacks of a language model; left out where it has none. */
  languageModel?: ManifestLanguageModel;
  /** While versions are compared: what records say of requests besides. */
  comparison?: RouteComparison;
  /** While a version answers copies of requests. */
  shadow?: RouteShadow;
  /** Which requests can be given an outcome; left out for none. */
  outcomes?: { samplePercent: number };
  /** What of the model should not be used any more, which callers are told; left out for nothing. */
  deprecations?: RouteDeprecation[];
}

/** A deprecation, as far as callers are told of it beside their answers. */
export interface RouteDeprecation {
  /** Left out for the model as a whole. */
  version?: number;
  /** ISO 8601. */
  since: string;
  /** When it may stop answering, ISO 8601; left out while that is not decided. Nothing stops by itself. */
  sunsetAt?: string;
  /** Page for people; left out where the portal has no address. */
  link?: string;
}

/** Versions at fixed shares that are compared. With other shares it is another one. */
export interface RouteComparison {
  /** Named in records. */
  id: string;
  /** Version that the others are compared with. */
  control: number;
  /** The part of all callers that takes part: the others, and those without an assignment id, get the control, and do not count. Left out for all. */
  namespace?: { name: string; fromPercent: number; toPercent: number };
}

/** Copies of requests, whose answers are only compared with those that callers get. */
export interface RouteShadow {
  /** Id of the comparison that copies are counted for. */
  comparison: string;
  /** Its weight is 0. */
  version: number;
  /** Share of the requests that are copied, in percent. */
  samplePercent: number;
  /** Most copies on their way at a time in one data plane; more are left out. */
  maxCopiesInFlight: number;
}

/** A version inside a deployment, with its share of traffic, by what runs it. */
export type Variant = OnnxVariant | ExternalVariant;

/** What all kinds of variants have. */
export interface VariantBase {
  version: number;
  /** Percent of requests, 0 to 100. The weights of a route add up to 100. A variant with weight 0 answers only when its version is asked for by name. */
  weightPercent: number;
  digest: string;
  /** Counts the times that loading was asked for anew; a data plane that waits to try again tries at once when it grows. Left out for 0. */
  loadAttempt?: number;
}

/** An ONNX model, run by the data plane itself. */
export interface OnnxVariant extends VariantBase {
  kind: 'onnx';
  /** Of all files together. */
  sizeBytes: number;
  /**
   * Number of files of the bundle whose list (`bundle.json`) the digest is of. Left out where
   * the digest is that of the single file to serve.
   */
  files?: number;
  /**
   * Path of the artifact under the control plane's base URL. Those of a bundle's files have
   * their digests in the place of this one.
   */
  artifactPath: string;
  signature: Signature;
  schema?: ModelSchema;
  /** Rows that explanations are given against; left out where there are none. */
  reference?: ReferenceArtifact;
}

/** An artifact with some reference rows of a version, as JSON; fetched when it is needed. */
export interface ReferenceArtifact {
  digest: string;
  sizeBytes: number;
  rows: number;
  /** Path of the artifact under the control plane's base URL. */
  artifactPath: string;
}

/** A model that a provider runs: its bundle holds one descriptor (`external.json`). */
export interface ExternalVariant extends VariantBase {
  kind: 'external';
  /** Of all files together. */
  sizeBytes: number;
  /** Number of files of the bundle whose list (`bundle.json`) the digest is of. */
  files: number;
  /** As of {@link OnnxVariant}. */
  artifactPath: string;
  /** Of a model of tensors, as of {@link OnnxVariant}. */
  schema?: ModelSchema;
  /** Of a model of tensors, as of {@link OnnxVariant}. */
  reference?: ReferenceArtifact;
  /** What the descriptor's logical connection is here; left out where the environment names none of that name. */
  connection?: Connection;
}

export interface BatchingOptions {
  /** Most rows that one run of the model takes; 1 switches batching off. */
  maxRows: number;
  /** Longest time a request waits for company where that saves more than it costs, in microseconds. 0: only what arrives in the same turn of the event loop. */
  maxDelayMicros: number;
  /**
   * Whether requests are computed together. `auto` (the default): where the model's graph
   * and trial runs say that its rows are independent. `on`: the model's owner says that
   * they are. `off`: never.
   */
  mode?: 'auto' | 'on' | 'off';
}

/**
 * Where a data plane runs a model: on the thread that answers requests (`inline`), in a thread for models
 * (`worker`), or by the size of its files and the measured time of a row (`auto`).
 */
export type PlacementMode = 'auto' | 'inline' | 'worker';

/** How long a version stays in memory: as long as it is deployed, or while it is asked for or nobody needs the room. */
export type LoadingMode = 'eager' | 'on-demand';

/** A caller's key as the data plane knows it: never the key itself. */
export interface KeyGrant {
  id: string;
  name: string;
  /** Entity ref of whoever answers for it. Left out by control planes from before data planes forwarded anything. */
  owner?: string;
  /** SHA-256 of the whole key, hexadecimal. */
  sha256: string;
  /** Models that the key may call; `*` for all. */
  models: string[];
  /** ISO 8601. */
  expiresAt?: string;
  /** Left out where it has none. */
  limits?: TokenLimits;
  /** Left out where it has none. */
  requestLimits?: RequestLimits;
  /** Names of scopes; data planes pass over those that they do not know. Left out by control planes from before there were scopes. */
  scopes?: string[];
}
