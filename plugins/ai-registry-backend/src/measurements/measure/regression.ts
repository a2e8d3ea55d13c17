import { regressionQuality, sortedQuantile } from '@greenroom/ml-kit';
import type {
  MeasuredMetric,
  RegressionDetails,
} from '@greenroom/plugin-ai-registry-common';
import { type Answers, textOf } from './Answers';
import { intervalOfMean, type TaskMeasures } from './classification';
import { MeasurementImpossible } from './MeasurementImpossible';
import { resampled } from './resampled';

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Rows of a regression that have a truth. All lists are by such row. */
export interface NumberRows {
  /** Row of the dataset. */
  rows: number[];
  truth: number[];
  /** Undefined for a row without an answer, or with one that is no finite number. */
  said: (number | undefined)[];
}

/** @throws MeasurementImpossible where no row has a truth, or a truth is no number */
export function readNumbers({
  question,
  truth,
  predictions,
}: Answers): NumberRows {
  const rows: number[] = [];
  const numbers: number[] = [];
  truth.forEach((value, row) => {
    const text = textOf(value);
    // A blank text would be taken for 0.
    if (text === undefined || text.trim() === '') return;
    const number = typeof value === 'boolean' ? NaN : Number(text);
    if (!Number.isFinite(number)) {
      throw new MeasurementImpossible(
        `Column '${question.target}' has no number in row ${
          row + 1
        }: a regression is measured with a column of numbers`,
      );
    }
    rows.push(row);
    numbers.push(number);
  });
  if (rows.length === 0) {
    throw new MeasurementImpossible(
      `Column '${question.target}' has no value in any row: name the column with the truth as target`,
    );
  }
  return {
    rows,
    truth: numbers,
    said: rows.map(row => {
      const said = Number(predictions[row] ?? NaN);
      return Number.isFinite(said) ? said : undefined;
    }),
  };
}

/** @throws MeasurementImpossible where no row was answered */
export function measureRegression({
  truth,
  said,
}: NumberRows): TaskMeasures<RegressionDetails> {
  const errors = said.map((value, row) =>
    value === undefined ? undefined : value - truth[row],
  );
  const known = errors.filter(error => error !== undefined);
  if (known.length === 0) {
    throw new MeasurementImpossible('No row with a truth was answered');
  }
  const answered = said.flatMap((value, row) =>
    value === undefined ? [] : [row],
  );
  const targets = Float64Array.from(answered, row => truth[row]);
  const squares = Float64Array.from(known, error => error ** 2);
  const quality = regressionQuality(
    targets,
    answered.map(row => said[row]!),
  );
  const absolute = known.map(Math.abs);
  const squared = Array.from(squares);
  const remarks: string[] = [];
  const mse = intervalOfMean(squared);
  const metrics: MeasuredMetric[] = [
    {
      name: 'mean_absolute_error',
      value: quality.meanAbsoluteError,
      ...intervalOfMean(absolute),
      higherIsBetter: false,
    },
    {
      name: 'mean_squared_error',
      value: quality.rootMeanSquaredError ** 2,
      ...mse,
      higherIsBetter: false,
    },
    {
      name: 'root_mean_squared_error',
      value: quality.rootMeanSquaredError,
      // The root rises with what is under it.
      ...(mse.interval && {
        interval: [
          Math.sqrt(Math.max(0, mse.interval[0])),
          Math.sqrt(mse.interval[1]),
        ],
      }),
      higherIsBetter: false,
    },
  ];
  if (Number.isFinite(quality.r2)) {
    const r2 = resampled(known.length, indices =>
      r2Of(targets, squares, indices),
    );
    metrics.push({
      name: 'r2',
      value: quality.r2,
      ...(r2 && { interval: r2 }),
      higherIsBetter: true,
    });
  } else {
    remarks.push('No R²: the truth is the same in all rows.');
  }
  const sorted = Float64Array.from(known).sort();
  return {
    metrics,
    remarks,
    perRow: {
      mean_absolute_error: errors.map(error => error && Math.abs(error)),
      mean_squared_error: errors.map(error => error && error ** 2),
    },
    details: {
      task: 'regression',
      bias: quality.bias,
      errorQuantiles: QUANTILES.map(share => ({
        share,
        error: sortedQuantile(sorted, share),
      })),
    },
  };
}

function meanOf(values: Float64Array, indices: Int32Array): number {
  let total = 0;
  for (const row of indices) total += values[row];
  return total / indices.length;
}

/** NaN where the targets that were drawn do not vary. */
function r2Of(
  targets: Float64Array,
  squares: Float64Array,
  indices: Int32Array,
): number {
  const center = meanOf(targets, indices);
  let spread = 0;
  let loss = 0;
  for (const row of indices) {
    spread += (targets[row] - center) ** 2;
    loss += squares[row];
  }
  return spread > 0 ? 1 - loss / spread : NaN;
}
