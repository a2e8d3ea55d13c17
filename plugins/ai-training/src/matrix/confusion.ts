/** How often rows of one class were taken for another. */
export interface ConfusionMatrix {
  /** The classes, of rows and columns alike. */
  labels: string[];
  /** [actual][predicted], as scikit-learn has it: counts, or shares where they were divided before. */
  values: number[][];
  /** Shares of the actual class, from 0 to 1; a class without rows has none. */
  rowShares: (number | undefined)[][];
  /** Whether the values are whole numbers of rows. */
  isCounts: boolean;
}

/** More classes than this are not drawn: the names would be too small to read. */
export const MOST_CLASSES = 60;

/**
 * A confusion matrix from the rows of a table whose head and first column name the same classes. What is square, but
 * of other numbers, such as correlations, is none.
 */
export function matrixOfRows(
  rows: readonly string[][],
): ConfusionMatrix | undefined {
  const [[, ...columns] = [], ...body] = rows;
  if (body.length !== columns.length || body.length > MOST_CLASSES) {
    return undefined;
  }
  const isSame = body.every(
    ([label], index) =>
      nameOf(label) !== '' && nameOf(label) === nameOf(columns[index]),
  );
  if (!isSame) return undefined;
  return toMatrix(
    columns.map(nameOf),
    body.map(([, ...cells]) => cells.map(toNumber)),
  );
}

/** As programs write them; a bare square of numbers counts only in a file that says what it is. */
export function matrixOfJson(
  content: unknown,
  fileName: string,
): ConfusionMatrix | undefined {
  if (Array.isArray(content)) {
    return /confusion/i.test(fileName) && content.length <= MOST_CLASSES
      ? toMatrix(
          content.map((_, index) => String(index)),
          content,
        )
      : undefined;
  }
  if (!isObject(content)) return undefined;
  const { labels, classes, columns, index } = content;
  const names = labels ?? classes;
  const values = content.matrix ?? content.confusion_matrix ?? content.values;
  if (Array.isArray(names) && Array.isArray(values)) {
    return names.length <= MOST_CLASSES
      ? toMatrix(names.map(textOf), values)
      : undefined;
  }
  if (Array.isArray(columns) && Array.isArray(content.data)) {
    // Of pandas, with the row's name apart or, as of mlflow.log_table, in the first column.
    const body = Array.isArray(index)
      ? content.data.map((row, at) => [index[at], ...toList(row)])
      : content.data.map(toList);
    const head = Array.isArray(index) ? ['', ...columns] : columns;
    return matrixOfRows([head, ...body].map(row => row.map(textOf)));
  }
  return matrixOfColumns(content);
}

/** pandas' usual JSON: of each column an object with its rows. */
function matrixOfColumns(
  content: Record<string, unknown>,
): ConfusionMatrix | undefined {
  const labels = Object.keys(content);
  const columns = Object.values(content);
  if (labels.length > MOST_CLASSES || !columns.every(isObject))
    return undefined;
  const isSame = columns.every(
    column =>
      Object.keys(column).length === labels.length &&
      labels.every(label => Object.hasOwn(column, label)),
  );
  return isSame
    ? toMatrix(
        labels,
        labels.map(row =>
          columns.map(column => (column as Record<string, unknown>)[row]),
        ),
      )
    : undefined;
}

function toMatrix(
  labels: string[],
  values: readonly unknown[],
): ConfusionMatrix | undefined {
  const isSquare =
    labels.length >= 2 &&
    labels.every(label => label !== '') &&
    new Set(labels).size === labels.length &&
    values.length === labels.length &&
    values.every(row => Array.isArray(row) && row.length === labels.length);
  if (!isSquare) return undefined;
  const numbers = values as number[][];
  const isEach = (holds: (value: number) => boolean) =>
    numbers.every(row =>
      row.every(
        value =>
          typeof value === 'number' && Number.isFinite(value) && holds(value),
      ),
    );
  if (!isEach(value => value >= 0)) return undefined;
  const isCounts = isEach(Number.isInteger);
  if (!isCounts && !numbers.every(row => isShare(sum(row)))) return undefined;
  return {
    labels,
    values: numbers,
    isCounts,
    rowShares: numbers.map(row => {
      const all = sum(row);
      return row.map(value => (all === 0 ? undefined : value / all));
    }),
  };
}

/** What scikit-learn says of each class. */
export interface ClassReport {
  rows: {
    label: string;
    precision: number;
    recall: number;
    f1: number;
    /** Number of rows. */
    support: number;
    /** An average of the classes, not one of them. */
    isAverage: boolean;
  }[];
  /** Share of the right answers; undefined where some classes were left out. */
  accuracy?: number;
}

/** `classification_report(..., output_dict=True)` of scikit-learn. */
export function classReport(content: unknown): ClassReport | undefined {
  if (!isObject(content)) return undefined;
  const { accuracy, ...others } = content;
  const rows = Object.entries(others).map(([label, values]) => {
    if (!isObject(values)) return undefined;
    const { precision, recall, support, 'f1-score': f1 } = values;
    const isNumber = [precision, recall, support, f1].every(
      value => typeof value === 'number' && Number.isFinite(value),
    );
    return isNumber
      ? {
          label,
          precision: precision as number,
          recall: recall as number,
          f1: f1 as number,
          support: support as number,
          isAverage: /^(macro|micro|weighted|samples) avg$/.test(label),
        }
      : undefined;
  });
  const known = rows.flatMap(row => row ?? []);
  if (known.length < rows.length || known.every(row => row.isAverage)) {
    return undefined;
  }
  return {
    rows: known,
    ...(typeof accuracy === 'number' && { accuracy }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Of what is no text, number or the like, an empty one: a class or a cell has a name or a number. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? '' : String(value);
}

function toNumber(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? NaN : Number(text);
}

function nameOf(text: string | undefined): string {
  return (text ?? '').trim();
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** As a rounded row adds up to one; a class without rows, to nothing. */
function isShare(value: number): boolean {
  return value === 0 || Math.abs(value - 1) < 0.02;
}
