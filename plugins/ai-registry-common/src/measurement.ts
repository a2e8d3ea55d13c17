import type { Digest, PairedComparison } from './version';

/** Most rows of a dataset version that a version is measured on; one with more is refused, and never cut. */
export const MAX_MEASURED_ROWS = 50_000;
/** Most columns whose values are looked at apart. */
export const MAX_SLICE_COLUMNS = 4;
/** Most slices of a column; rarer values are one slice together. */
export const MAX_SLICES_OF_COLUMN = 12;

/** Metrics that are the mean of a value per row, so that two versions can be compared by them row by row. */
export const PRIMARY_METRICS = {
  classification: ['accuracy', 'log_loss'],
  regression: ['mean_absolute_error', 'mean_squared_error'],
} as const;

export type PrimaryMetric =
  (typeof PRIMARY_METRICS)[keyof typeof PRIMARY_METRICS][number];

/** What a version is measured with. */
export interface MeasurementQuestion {
  /** A version of a dataset whose rows are kept in the portal. */
  dataset: { name: string; version: number };
  /** Column with the truth. */
  target: string;
  /** Columns of the features by the names of the version's schema; those that are left out have the same name. */
  features?: Record<string, string>;
  /** Columns each of whose values is looked at apart; numbers of more than ten values by quarters. */
  slices?: string[];
  /** Column of the groups that a classifier must treat alike. */
  protected?: string;
  /** The metric that decides; accuracy, or mean_absolute_error, when it is left out. */
  primary?: PrimaryMetric;
  /** The class that fairness and calibration are about; the second one of two when it is left out. */
  positive?: string;
}

export interface NewMeasurement extends MeasurementQuestion {
  /** An environment whose running version is measured with the same, to be compared with. */
  compareWith?: string;
}

export type MeasurementState =
  /** It waits until other versions were tried. */
  | { phase: 'queued' }
  | { phase: 'running'; startedAt: string; done: number; of: number }
  | { phase: 'done'; finishedAt: string; result: MeasurementResult }
  | { phase: 'failed'; finishedAt: string; reason: string }
  | { phase: 'cancelled'; finishedAt: string; cancelledBy: string };

/** A version that answers the rows of a dataset version apart from everything else, and how good the answers are. */
export interface Measurement extends MeasurementQuestion {
  id: string;
  model: string;
  version: number;
  dataset: { name: string; version: number; digest: Digest };
  /** Rows of the dataset version. */
  rows: number;
  state: MeasurementState;
  /** Entity ref of who asked for it. */
  requestedBy: string;
  /** The promotion whose gate needs it; undefined when somebody asked for it. */
  promotion?: string;
  /** With what runs in an environment; undefined where nobody asked for it. */
  comparison?: MeasurementComparison;
  createdAt: string;
}

/** A measurement without what it found, for lists. */
export type MeasurementSummary = Omit<Measurement, 'state' | 'comparison'> & {
  state:
    | Exclude<MeasurementState, { phase: 'done' }>
    | {
        phase: 'done';
        finishedAt: string;
        primary: MeasuredMetric;
        measuredRows: number;
      };
};

export interface MeasurementComparison {
  environment: string;
  /** What ran there when the measurement was asked for; undefined where nothing did. */
  version?: number;
  /** The measurement of that version; undefined where there is none. */
  measurement?: string;
  /** Undefined until both are done, and where they cannot be compared. */
  paired?: PairedComparison;
  /** Why there is no comparison yet, or none at all, in a sentence. */
  missing?: string;
}

/** 95 % confidence; undefined where no interval is known, or too few rows would make one up. */
export interface MeasuredMetric {
  name: string;
  value: number;
  interval?: [number, number];
  higherIsBetter: boolean;
}

export interface MeasurementResult {
  /** What answered, such as `greenroom-inference-server 0.1.0`. */
  runtime: string;
  /** Rows with a truth: those that metrics are of. */
  rows: number;
  /** Rows without a truth, which are left out. */
  unlabelled: number;
  /** Rows with a truth that the version gave no answer for: wrong for a classifier, left out of a regression. */
  unanswered: number;
  /** What people should know of it, in sentences. */
  remarks: string[];
  /** The one that decides comes first. */
  metrics: MeasuredMetric[];
  details: ClassificationDetails | RegressionDetails;
  slices: MeasuredSlice[];
  fairness?: MeasuredFairness;
}

export interface ClassificationDetails {
  task: 'classification';
  classes: MeasuredClass[];
  /** Rows by class (first) and answer. Undefined for more classes than can be drawn. */
  confusion?: {
    classes: string[];
    /** Besides the classes; the last one is for rows without an answer, where there are such. */
    answers: string[];
    counts: number[][];
  };
  /** Undefined where the version tells no probabilities. */
  calibration?: {
    /** Whose probability; undefined for that of the predicted class being right. */
    positive?: string;
    expectedError: number;
    bins: { rows: number; predicted: number; observed: number }[];
  };
}

export interface MeasuredClass {
  name: string;
  rows: number;
  precision?: { value: number; interval: [number, number] };
  recall?: { value: number; interval: [number, number] };
  f1?: number;
}

export interface RegressionDetails {
  task: 'regression';
  /** Mean of prediction - truth: above 0 the version says too much. */
  bias: number;
  /** Of prediction - truth, in the target's unit. */
  errorQuantiles: { share: number; error: number }[];
}

/** Some of the rows, by the value of one column. */
export interface MeasuredSlice {
  column: string;
  /** Such as `site = north`. */
  name: string;
  rows: number;
  /** Of the metric that decides; undefined without any row that has a value. */
  value?: number;
  /** Undefined for fewer rows than tell anything. */
  interval?: [number, number];
  /** Whether there are too few rows to tell anything. */
  few: boolean;
}

export interface MeasuredFairness {
  column: string;
  /** The answer that counts as being selected. */
  positive: string;
  groups: {
    group: string;
    rows: number;
    selectionRate: number;
    selectionInterval: [number, number];
    truePositiveRate?: number;
    falsePositiveRate?: number;
    precision?: number;
  }[];
  /** Largest less smallest rate of the groups; 0 is equal. Undefined with fewer than two groups that have it. */
  selectionRateDifference?: number;
  disparateImpactRatio?: number;
  truePositiveRateDifference?: number;
  equalizedOddsDifference?: number;
  precisionDifference?: number;
}

/** That an evaluation was computed here from the version's own files, and how. */
export interface MeasuredHere {
  /** Id of the measurement. */
  measurement: string;
  datasetVersion: number;
  target: string;
}
