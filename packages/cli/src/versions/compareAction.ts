import type { VersionComparison } from '@greenroom/plugin-ai-registry-common';
import type { Action, Job } from '../actions/Action';
import { MODEL_WORD } from '../models/modelsCommand';
import { type Column, tableLines } from '../output/table';
import { numberText } from '../output/words';
import { resolveVersion, VERSION_HELP } from './resolveVersion';

export const compareAction: Action = {
  name: 'compare',
  summary: 'compares two versions of a model: metrics, what callers see, tags',
  more: VERSION_HELP.replace('VERSION is', 'BASE and CANDIDATE are each'),
  words: [
    MODEL_WORD,
    { name: 'BASE', expected: 'the version that is compared with' },
    { name: 'CANDIDATE', expected: 'the version that is compared' },
  ],
  async run(job) {
    const { portal, context, isJson, signal } = job;
    const [model, base, candidate] = job.args;
    const comparison = await portal.registry.compareVersions(
      model,
      await resolveVersion(job, model, base),
      await resolveVersion(job, model, candidate),
      { signal },
    );
    if (isJson) context.print(JSON.stringify(comparison));
    else print(job, comparison);
  },
};

type Metric = VersionComparison['metrics'][number];
type Tag = VersionComparison['tags'][number];

function print({ context }: Job, comparison: VersionComparison): void {
  const { base, candidate, metrics, tags, signature } = comparison;
  const titles = [`VERSION ${base.version}`, `VERSION ${candidate.version}`];
  const say = (lines: string[]) => lines.forEach(line => context.print(line));
  if (metrics.length > 0) {
    say(tableLines(metricColumns(titles), metrics, context.columns));
  }
  const paired = [comparison.paired, ...(comparison.otherPaired ?? [])];
  for (const one of paired) {
    if (!one) continue;
    const [low, high] = one.interval.map(numberText);
    context.print(
      `${one.metric} on the same ${one.rows} rows: better by ${numberText(
        one.improvement,
      )} (95 %: ${low} to ${high})`,
    );
  }
  if (signature.notComparable) {
    context.print(`callers: ${signature.notComparable}`);
  } else if (signature.compatible) {
    context.print('callers: can go on as they are');
  } else {
    for (const text of signature.differences) context.print(`callers: ${text}`);
  }
  if (tags.length > 0)
    say(tableLines(tagColumns(titles), tags, context.columns));
}

function metricColumns([base, candidate]: string[]): Column<Metric>[] {
  const column = (
    title: string,
    value: (metric: Metric) => number | undefined,
  ): Column<Metric> => ({
    title,
    of: metric => {
      const number = value(metric);
      return number === undefined ? undefined : numberText(number);
    },
    plain: value,
    isNumber: true,
  });
  return [
    { title: 'METRIC', of: ({ name }) => name },
    column(base, metric => metric.base),
    column(candidate, metric => metric.candidate),
    column('DIFFERENCE', metric => metric.difference),
    { title: '', of: ({ better }) => verdictOf(better) },
  ];
}

function verdictOf(better: boolean | undefined): string {
  if (better === undefined) return '';
  return better ? 'better' : 'not better';
}

function tagColumns([base, candidate]: string[]): Column<Tag>[] {
  return [
    { title: 'TAG', of: ({ key }) => key },
    { title: base, of: tag => tag.base },
    { title: candidate, of: tag => tag.candidate },
  ];
}
