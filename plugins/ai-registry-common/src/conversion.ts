/**
 * How a version in ONNX was made of one that MLflow had logged. All but `job` and `check` is what the program says that made
 * it, which has run the model.
 */
export interface VersionConversion {
  /** The version that it was made of: what MLflow calls the model, and the number. */
  from: { model: string; version: number };
  /** Training job whose token has registered it; undefined where another one has. */
  job?: string;
  /** Versions of libraries by name: that the model was logged with, where it says so, and that read and converted it. */
  libraries: Record<string, { logged?: string; used: string }>;
  /** What numbers with a fraction are. */
  numbers: 'float32' | 'float64';
  /** Of two numbers that count as equal: share of their size, and besides. */
  tolerance: { relative: number; absolute: number };
  /** Rows of the input example that both were asked. */
  rows: number;
  /** Between two numbers of them. */
  largestDifference: number;
  /** The newest one; undefined where it has not been tried. */
  check?: ConversionCheck;
}

/**
 * What was found when the data plane's own runtime answered the rows again, and its answers were held against those that the
 * model gave in its job. All of a version are kept.
 */
export type ConversionCheck =
  | {
      outcome: 'equal' | 'different';
      /** ISO 8601. */
      checkedAt: string;
      /** What answered. */
      runtime: string;
      rows: number;
      /** Rows whose label or numbers differ. */
      differing: number;
      largestDifference: number;
      /** Whether what it says of each class was compared, too. */
      withScores: boolean;
    }
  | {
      outcome: 'not-checked';
      checkedAt: string;
      /** In a sentence. */
      reason: string;
    };
