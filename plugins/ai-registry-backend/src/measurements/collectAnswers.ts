import type {
  DatasetRow,
  FeatureSpec,
  MeasurementQuestion,
  ModelSchema,
  ReferenceValue,
} from '@greenroom/plugin-ai-registry-common';
import type { ClassScores, Rehearsal } from '../trials/TrialRunner';
import { type Answers, type ColumnValue, textOf } from './measure/Answers';

/** Values of all rows together: 40 MB. */
const MOST_SCORES = 5_000_000;

/** Keeps of rows and of what a version says of them what the metrics need, and nothing else. */
export class AnswerCollector {
  readonly #schema: ModelSchema;
  readonly #question: MeasurementQuestion;
  readonly #maxScores: number;
  readonly #truth: ColumnValue[] = [];
  readonly #predictions: (string | number | null)[] = [];
  readonly #slices: ColumnValue[][];
  readonly #groups: ColumnValue[] = [];
  #scores: { classes: string[]; values: (Float64Array | null)[] } | undefined;
  #noScores: string | undefined;
  /** Why rows were not answered, by part, each once. */
  readonly left: string[] = [];

  constructor(options: {
    schema: ModelSchema;
    question: MeasurementQuestion;
    maxScores?: number;
  }) {
    this.#schema = options.schema;
    this.#question = options.question;
    this.#maxScores = options.maxScores ?? MOST_SCORES;
    this.#slices = (options.question.slices ?? []).map(() => []);
  }

  add(rows: readonly DatasetRow[], said: Rehearsal): void {
    const { target, slices = [], protected: column } = this.#question;
    rows.forEach((row, at) => {
      this.#truth.push(small(row[target]));
      slices.forEach((slice, index) =>
        this.#slices[index].push(small(row[slice])),
      );
      if (column !== undefined) this.#groups.push(small(row[column]));
      this.#predictions.push(said.predictions[at] ?? null);
    });
    this.#addScores(said.scores ?? { none: 'the data plane told none' }, rows);
    if (said.left !== undefined && !this.left.includes(said.left)) {
      this.left.push(said.left);
    }
  }

  end(): Answers {
    const { protected: column } = this.#question;
    return {
      schema: this.#schema,
      question: this.#question,
      truth: this.#truth,
      predictions: this.#predictions,
      scores: this.#scores ?? { none: this.#noScores ?? 'no row was answered' },
      sliceColumns: this.#slices,
      ...(column !== undefined && { protectedColumn: this.#groups }),
    };
  }

  #addScores(told: ClassScores, rows: readonly DatasetRow[]): void {
    if (this.#noScores !== undefined) return;
    const { length } = this.#predictions;
    if ('none' in told) {
      // A part none of whose rows could be given to it says nothing of the others.
      if (this.#predictions.slice(-rows.length).every(one => one === null)) {
        this.#scores?.values.push(...rows.map(() => null));
        return;
      }
      this.#giveUp(told.none);
      return;
    }
    const { classes, values } = told;
    const known = (this.#scores ??= {
      classes,
      values: new Array(length - rows.length).fill(null),
    });
    if (known.classes.join('\n') !== classes.join('\n')) {
      this.#giveUp('the classes differ from row to row');
      return;
    }
    if (length * classes.length > this.#maxScores) {
      this.#giveUp(
        `${classes.length} classes of so many rows are more than the ${
          this.#maxScores
        } scores that are kept`,
      );
      return;
    }
    for (const row of values) {
      known.values.push(row && Float64Array.from(row));
    }
  }

  #giveUp(reason: string): void {
    this.#noScores = reason;
    this.#scores = undefined;
  }
}

/** A row as the version takes it. */
export function featuresOf(
  row: DatasetRow,
  features: readonly FeatureSpec[],
  columns: Record<string, string> = {},
): ReferenceValue[] {
  return features.map(({ name }) => {
    const value = row[columns[name] ?? name];
    // An empty text would be taken for 0.
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    return textOf(value) ?? null;
  });
}

/** Texts of a megabyte are no class, and no group. */
function small(value: ColumnValue): ColumnValue {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return textOf(value)?.slice(0, 200);
}
