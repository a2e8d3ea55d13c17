import { InputError } from '@backstage/errors';
import {
  type DatasetVersion,
  MAX_MEASURED_ROWS,
  MAX_SLICE_COLUMNS,
  type MeasurementQuestion,
  type ModelVersionDetail,
  PRIMARY_METRICS,
} from '@greenroom/plugin-ai-registry-common';

/**
 * Whether a version can be measured so, before anything is begun.
 *
 * @throws InputError that names the field, what was expected and what to do
 */
export function checkQuestion(
  version: Pick<
    ModelVersionDetail,
    'model' | 'version' | 'format' | 'signature' | 'schema'
  >,
  dataset: DatasetVersion,
  question: MeasurementQuestion,
): void {
  const schema = checkVersion(version);
  const columns = checkDataset(dataset);
  const { target, features = {}, slices = [], primary } = question;
  const place = `version ${dataset.version} of the dataset '${dataset.dataset}'`;
  const known = new Set(schema.features.map(({ name }) => name));
  for (const [name, column] of Object.entries(features)) {
    if (!known.has(name)) {
      throw new InputError(
        `features: the version has no feature '${name}': it has ${few(known)}`,
      );
    }
    mustHave(columns, column, `features.${name}`, place);
  }
  mustHave(columns, target, 'target', place);
  for (const { name } of schema.features) {
    const column = features[name] ?? name;
    if (!columns.has(column)) {
      throw new InputError(
        `features: ${place} has no column '${column}' for the feature '${name}': name its column, as {"${name}": "<column>"}; there are ${few(
          columns,
        )}`,
      );
    }
    if (column === target) {
      throw new InputError(
        `target: the version reads '${target}' as its feature '${name}', so that it would be told the truth: name another column`,
      );
    }
  }
  if (slices.length > MAX_SLICE_COLUMNS) {
    throw new InputError(
      `slices: ${slices.length} columns are named, expected at most ${MAX_SLICE_COLUMNS}`,
    );
  }
  slices.forEach((column, at) => {
    mustHave(columns, column, `slices[${at}]`, place);
    if (slices.indexOf(column) !== at) {
      throw new InputError(`slices: '${column}' is named twice`);
    }
  });
  const metrics: readonly string[] = PRIMARY_METRICS[schema.task];
  if (primary !== undefined && !metrics.includes(primary)) {
    throw new InputError(
      `primary: ${primary} is no metric of a ${
        schema.task
      } that has a value per row: expected ${metrics.join(' or ')}`,
    );
  }
  checkGroups(question, schema, columns, place);
}

function checkGroups(
  question: MeasurementQuestion,
  { task, prediction }: NonNullable<ModelVersionDetail['schema']>,
  columns: ReadonlySet<string>,
  place: string,
): void {
  const { protected: column, positive } = question;
  if (task === 'regression') {
    if (column === undefined && positive === undefined) return;
    throw new InputError(
      `${
        column === undefined ? 'positive' : 'protected'
      }: the version is a regression, which selects nobody: leave it out, and name the column under slices`,
    );
  }
  if (column === undefined) return;
  mustHave(columns, column, 'protected', place);
  const classes = prediction.labels ?? prediction.codes;
  if (positive === undefined && classes && classes.length > 2) {
    throw new InputError(
      `positive: expected one of ${few(
        new Set(classes),
      )}: fairness asks who is selected, and there are more than two classes`,
    );
  }
}

function checkVersion({
  model,
  version,
  format,
  signature,
  schema,
}: Parameters<typeof checkQuestion>[0]) {
  const name = `Version ${version} of '${model}'`;
  if (format === 'external') {
    throw new InputError(
      `${name} runs at a provider, and its files hold no model to measure: evaluate it with prompts`,
    );
  }
  if (format === 'mlflow' || !signature) {
    throw new InputError(
      `${name} is a folder of MLflow, which is not run here: register it with the model in ONNX`,
    );
  }
  if (!schema) {
    throw new InputError(
      `${name} has no schema, so that nobody knows which column is which input: register it with one`,
    );
  }
  return schema;
}

function checkDataset({
  dataset,
  version,
  kind,
  uri,
  rows,
  columns,
}: DatasetVersion): ReadonlySet<string> {
  const name = `Version ${version} of the dataset '${dataset}'`;
  if (kind === 'external' || !columns || rows === undefined) {
    throw new InputError(
      `dataset: ${name} lies at ${uri}, and its rows are not here: upload it as a file`,
    );
  }
  if (rows > MAX_MEASURED_ROWS) {
    throw new InputError(
      `dataset: ${name} has ${rows} rows, and versions are measured on at most ${MAX_MEASURED_ROWS}: upload a sample of them as a dataset of its own`,
    );
  }
  return new Set(columns.map(column => column.name));
}

function mustHave(
  columns: ReadonlySet<string>,
  column: string,
  field: string,
  place: string,
): void {
  if (columns.has(column)) return;
  throw new InputError(
    `${field}: ${place} has no column '${column}': it has ${few(columns)}`,
  );
}

function few(names: ReadonlySet<string>): string {
  const shown = [...names].slice(0, 20);
  return `${shown.join(', ')}${names.size > shown.length ? ', ...' : ''}`;
}
