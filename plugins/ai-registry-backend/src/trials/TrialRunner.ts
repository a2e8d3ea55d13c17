import type {
  Digest,
  ModelSchema,
  ReferenceValue,
  Signature,
} from '@greenroom/plugin-ai-registry-common';

/** Loads a version once the way a data plane would, apart from everything else. */
export interface TrialRunner {
  /** How many characters the rows of one request may have as JSON; any number when it is left out. */
  readonly maxRowsCharacters?: number;
  /**
   * What a model does to the process that loads it (end it, hang it, fill its memory) is
   * an answer about the model.
   *
   * @throws TrialUnavailableError when nothing was found out about the model
   */
  run(request: TrialRequest, signal: AbortSignal): Promise<TrialResult>;
}

/** What a version is made of. */
export interface TrialModel {
  /** Of the registered model. */
  name: string;
  /** Paths are relative to a folder of their own. */
  files: readonly { path: string; digest: Digest; sizeBytes: number }[];
  /** Path of the one that is loaded. */
  entry: string;
}

export interface TrialRequest {
  model: TrialModel;
  signature: Signature;
  schema?: ModelSchema;
  /** Rows to answer, [row][feature] in the order of the schema's features; empty to measure only the time. */
  rows?: readonly ReferenceValue[][];
  /** Whether the rows are only to be answered, with the scores of the classes: in batches, and without measuring time. */
  answersOnly?: boolean;
}

/** What a version did with rows, one after the other, as single requests. */
export interface Rehearsal {
  /** Of computing one row, in microseconds; undefined where nothing could be computed. */
  latencyMicros?: { runs: number; p50: number; p95: number };
  /** What it said of each row, in their order; null for one that it could not be given. */
  predictions: (number | string | null)[];
  /** Why rows could not be given to it, in a sentence; undefined where all could. */
  left?: string;
  /** Of each class by row, where only answers were asked for. */
  scores?: ClassScores;
}

/** What a classifier says of each class, or why that is not known, in a sentence. */
export type ClassScores =
  | {
      /** In the order of the columns, as predictions name them. */
      classes: string[];
      /** [row][class]; null for a row without an answer, or with a value that is no finite number. */
      values: (number[] | null)[];
    }
  | { none: string };

export type TrialResult =
  | {
      servable: true;
      runtime: string;
      loadMillis: number;
      warmUpMillis: number;
      peakMemoryBytes: number;
      /** Where rows were given. */
      rehearsal?: Rehearsal;
    }
  | { servable: false; runtime: string; reason: string };

/** The trial itself could not be run; the model may be as good as any. */
export class TrialUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TrialUnavailableError';
  }
}

/** Others are in line already, and whoever asks does not want to wait behind them: ask again later. */
export class TrialsBusyError extends Error {
  /** When it is worth asking again. */
  readonly again: Date;

  constructor(again: Date) {
    super('Other versions are being tried, one at a time; its turn comes.');
    this.name = 'TrialsBusyError';
    this.again = again;
  }
}
