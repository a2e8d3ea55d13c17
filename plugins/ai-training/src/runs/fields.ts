import type { AxisValue } from '@greenroom/ai-react';
import type { MeasuredValue, Run } from '@greenroom/plugin-ai-training-common';

/** Something that runs have by a name: `metrics.loss`, `params.depth` or `tags.team`. */
export interface Field {
  kind: 'metrics' | 'params' | 'tags';
  key: string;
}

/** As it stands in the address, and in a list of columns. */
export function fieldId({ kind, key }: Field): string {
  return `${kind}.${key}`;
}

export function parseField(id: string): Field | undefined {
  const [, kind, key] = /^(metrics|params|tags)\.(.+)$/s.exec(id) ?? [];
  return kind ? { kind: kind as Field['kind'], key } : undefined;
}

/** Tags of clients about themselves; the page of a run shows them. */
const OWN_TAGS = 'mlflow.';
/** What MLflow's client measures of the machine. */
export const SYSTEM_METRICS = 'system/';
/** Columns of a kind that are shown where nobody chose. */
const USUAL_COLUMNS = 4;

/** All that these runs have, each kind in the order of its names. */
export function fieldsOf(runs: readonly Run[]): Field[] {
  const keys = (kind: Field['kind'], names: (run: Run) => string[]) =>
    [...new Set(runs.flatMap(names))]
      .sort(compareNames)
      .map((key): Field => ({ kind, key }));
  return [
    ...keys('metrics', run => run.metrics.map(({ key }) => key)),
    ...keys('params', run => Object.keys(run.params)),
    ...keys('tags', run =>
      Object.keys(run.tags).filter(key => !key.startsWith(OWN_TAGS)),
    ),
  ];
}

/** Names of metrics that a chart may show, those of the machine last. */
export function metricKeys(runs: readonly Run[]): string[] {
  const isOfMachine = (key: string) => Number(key.startsWith(SYSTEM_METRICS));
  return fieldsOf(runs)
    .filter(({ kind }) => kind === 'metrics')
    .map(({ key }) => key)
    .sort((a, b) => isOfMachine(a) - isOfMachine(b));
}

/** A few metrics and parameters. */
export function usualFields(fields: readonly Field[]): Field[] {
  const few = (kind: Field['kind']) =>
    fields
      .filter(
        field => field.kind === kind && !field.key.startsWith(SYSTEM_METRICS),
      )
      .slice(0, USUAL_COLUMNS);
  return [...few('metrics'), ...few('params')];
}

/** What a run has: a number where it is one, else its text. */
export function valueOf(run: Run, { kind, key }: Field): AxisValue | undefined {
  if (kind === 'metrics') {
    return run.metrics.find(metric => metric.key === key)?.value;
  }
  const values = run[kind];
  const text = Object.hasOwn(values, key) ? values[key] : undefined;
  return text === undefined ? undefined : numberOrText(text);
}

/** A number that is one; NaN and infinities are none. */
export function numberOf(value: MeasuredValue): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function numberOrText(text: string): AxisValue {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim());
  return isNumber ? Number(text) : text;
}

function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** In the language of filters and orders; names with other signs than letters stand in backticks. */
export function inLanguage(id: string): string {
  const field = parseField(id);
  if (!field) return `attributes.${id}`;
  return /^\w+$/.test(field.key)
    ? `${field.kind}.${field.key}`
    : `${field.kind}.\`${field.key}\``;
}

/** A filter for exactly these runs. */
export function idFilter(ids: readonly string[]): string {
  return `attributes.run_id IN (${ids.map(id => `'${id}'`).join(', ')})`;
}
