import type { Run } from '@greenroom/plugin-ai-training-common';
import type { Action, Job } from '../actions/Action';
import { type Options, required } from '../Command';
import { LIMIT_OPTION, limitOf, readUpTo } from '../output/readUpTo';
import { showList } from '../output/show';
import { type Column } from '../output/table';
import { timeText } from '../output/words';
import { durationText, isoOf, metricsText } from './runText';

const EXPERIMENTS_PAGE_SIZE = 200;
const RUNS_PAGE_SIZE = 1_000;

const LISTED = {
  experiment: {
    type: 'string',
    value: 'NAME',
    help: 'needed: name of the experiment, or its number',
  },
  deleted: { type: 'boolean', help: 'those that were deleted' },
  ...LIMIT_OPTION,
} as const satisfies Options;

const COLUMNS: Column<Run>[] = [
  { title: 'RUN', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'STATUS', of: ({ status }) => status },
  {
    title: 'STARTED',
    of: ({ startedAt }) => timeText(isoOf(startedAt)),
    plain: ({ startedAt }) => isoOf(startedAt),
  },
  { title: 'TOOK', of: durationText },
  { title: 'BY', of: ({ createdBy }) => createdBy },
  {
    title: 'METRICS',
    of: run => metricsText(run),
    plain: run => metricsText(run, { isWhole: true }),
  },
];

export const experimentsAction: Action = {
  name: 'experiments',
  summary: 'lists experiments, the one that was changed last first',
  options: {
    search: {
      type: 'string',
      value: 'TEXT',
      help: 'only those with these words in the name',
    },
    owner: {
      type: 'string',
      value: 'REF',
      help: 'only those of this group or user, such as group:default/vision',
    },
    deleted: { type: 'boolean', help: 'those that were deleted' },
    ...LIMIT_OPTION,
  },
  async run(job) {
    const { words, portal, called, signal } = job;
    const limit = limitOf(called, words);
    const query = {
      search: words.text('search'),
      owner: words.text('owner'),
      lifecycle: lifecycleOf(job),
    };
    const found = await readUpTo(
      { limit, pageSize: EXPERIMENTS_PAGE_SIZE },
      page =>
        portal.training.listExperiments({ ...query, ...page }, { signal }),
    );
    showList(job, found, [
      { title: 'ID', of: ({ id }) => id, isNumber: true },
      { title: 'NAME', of: ({ name }) => name },
      { title: 'OWNER', of: ({ owner }) => owner },
      {
        title: 'CHANGED',
        of: ({ updatedAt }) => timeText(updatedAt),
        plain: ({ updatedAt }) => updatedAt,
      },
    ]);
  },
};

export const listAction: Action = {
  name: 'list',
  summary: 'lists runs of an experiment, the newest first',
  options: LISTED,
  run: job => showRuns(job, {}),
};

export const searchAction: Action = {
  name: 'search',
  summary: "lists runs of an experiment by a condition in MLflow's language",
  more: 'Such as "metrics.accuracy > 0.9 and params.depth = \'3\'".',
  words: [{ name: 'CONDITION', expected: 'a condition' }],
  options: {
    order: {
      type: 'string',
      multiple: true,
      value: 'FIELD',
      help: "what they are ordered by, such as 'metrics.accuracy DESC'; several times: then by this",
    },
    ...LISTED,
  },
  run: job =>
    showRuns(job, { filter: job.args[0], orderBy: job.words.texts('order') }),
};

async function showRuns(
  job: Job,
  query: { filter?: string; orderBy?: string[] },
): Promise<void> {
  const { words, portal, called, signal } = job;
  const limit = limitOf(called, words);
  const name = required(called, words, 'experiment');
  const experiment = /^\d+$/.test(name)
    ? name
    : await portal.training.findExperimentId(name, { signal });
  const lifecycle = lifecycleOf(job);
  const found = await readUpTo({ limit, pageSize: RUNS_PAGE_SIZE }, page =>
    portal.training.listRuns(
      { ...query, experiment, lifecycle, ...page },
      { signal },
    ),
  );
  showList(job, found, COLUMNS);
}

function lifecycleOf({ words }: Job): 'active' | 'deleted' {
  return words.flag('deleted') ? 'deleted' : 'active';
}
