import type { Datatype } from '@greenroom/plugin-ai-registry-common';

/** Bodies of the Open Inference Protocol v2 (REST). */
export interface InferRequest {
  id?: string;
  parameters?: Record<string, string | number | boolean>;
  inputs: InferTensor[];
  outputs?: {
    name: string;
    parameters?: Record<string, string | number | boolean>;
  }[];
}

export interface InferTensor {
  name: string;
  shape: number[];
  datatype: Datatype;
  parameters?: Record<string, string | number | boolean>;
  /** Row-major, nested or flat. */
  data: unknown[];
}

export interface InferResponse {
  model_name: string;
  model_version?: string;
  id?: string;
  parameters?: Record<string, string | number | boolean>;
  outputs: InferTensor[];
}

/** What an explain request has besides the fields of an infer request. */
export interface ExplainSettings {
  /** The one that fits when left out. */
  method?: 'auto' | 'exact' | 'permutation' | 'kernel' | 'lime' | 'occlusion';
  /** Class to explain, as a label or an index; the predicted one when left out. */
  class?: string | number;
  seed?: number;
  background_rows?: number;
  max_evaluations?: number;
  /** Patches of an image: rows and columns. */
  grid?: [number, number];
}

/** What a part of the input is worth, in the unit of what is explained. */
export interface ExplainedPart {
  attribution: number;
  /** What another seed would change; 0 where nothing is drawn. */
  standard_error: number;
}

/** Why a version answers one row as it does. */
export interface ExplainResponse {
  id?: string;
  model_name: string;
  model_version: string;
  method: Exclude<NonNullable<ExplainSettings['method']>, 'auto'>;
  /** Output that is explained, and what of it. */
  output: string;
  explains: 'value' | 'probability' | 'score' | 'is-predicted';
  class?: string | number;
  base_value: number;
  prediction: number;
  /** How far base value and attributions are from the prediction; absent for lime. */
  additivity_error?: number;
  /** Of lime: how much of what happens around the row its linear model explains, 0 to 1. */
  fit?: number;
  /** Of lime: how alike the most important parts are for five seeds, 0 to 1. */
  stability?: number;
  background: { source: 'reference' | 'request'; rows: number };
  /** Rows that the model was asked for. */
  evaluations: number;
  seed: number;
  features?: (ExplainedPart & {
    name: string;
    value: number | string | boolean | null;
  })[];
  /** Of an image, row by row. */
  patches?: {
    rows: number;
    columns: number;
    attributions: number[];
    standard_errors: number[];
  };
  /** Of a text. */
  words?: (ExplainedPart & { text: string })[];
}

/** Request header with the caller's id (a user, a session) that keeps it on one variant during a rollout. */
export const HEADER_ASSIGNMENT_ID = 'x-assignment-id';

/** Request header with a version, for testers: it answers, whatever the shares are, and the request takes no part in a comparison. */
export const HEADER_MODEL_VERSION = 'x-model-version';

/**
 * Of a request: its id, at most 128 printable characters. Of an answer of a model that takes
 * outcomes: the id that they name.
 */
export const HEADER_REQUEST_ID = 'x-request-id';
/** Request header: for how many milliseconds the caller waits; what is not begun by then is refused. */
export const HEADER_REQUEST_TIMEOUT = 'x-request-timeout-ms';

/** Request header, `1` on a request that is answered like any other and takes no part in a comparison. */
export const HEADER_UNCOUNTED = 'x-greenroom-uncounted';
