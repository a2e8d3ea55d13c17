import {
  MODEL_FORMATS,
  type ModelVersion,
  VERSION_ORDERS,
  type VersionCondition,
  type VersionOrder,
} from '@greenroom/plugin-ai-registry-common';
import type { Action } from '../actions/Action';
import { usageError } from '../CommandError';
import { MODEL_WORD } from '../models/modelsCommand';
import { LIMIT_OPTION, limitOf, readUpTo } from '../output/readUpTo';
import { showList } from '../output/show';
import type { Column } from '../output/table';
import { numberText, sizeText, timeText } from '../output/words';
import { readTags } from '../tags';

const PAGE_SIZE = 200;
const SEARCH_PAGE_SIZE = 1_000;

const COLUMNS: Column<ModelVersion>[] = [
  { title: 'VERSION', of: ({ version }) => version, isNumber: true },
  { title: 'ALIASES', of: ({ aliases }) => aliases.join(', ') },
  { title: 'FORMAT', of: ({ format }) => format },
  {
    title: 'SIZE',
    of: ({ sizeBytes }) => sizeText(sizeBytes),
    plain: ({ sizeBytes }) => sizeBytes,
    isNumber: true,
  },
  {
    title: 'METRIC',
    of: version => metricText(version, numberText),
    plain: version => metricText(version, String),
  },
  { title: 'SERVABLE', of: ({ servability }) => servability.state },
  {
    title: 'CREATED',
    of: ({ createdAt }) => timeText(createdAt),
    plain: ({ createdAt }) => createdAt,
  },
  { title: 'BY', of: ({ createdBy }) => createdBy },
  { title: 'DIGEST', of: ({ digest }) => digest },
];

export const listAction: Action = {
  name: 'list',
  summary: 'lists the versions of a model, the newest first',
  words: [MODEL_WORD],
  options: {
    format: {
      type: 'string',
      value: 'FORMAT',
      choices: MODEL_FORMATS,
      help: 'only those of this format',
    },
    ...LIMIT_OPTION,
  },
  async run(job) {
    const { words, portal, called, signal } = job;
    const limit = limitOf(called, words);
    const [model] = job.args;
    const format = words.text('format');
    const found = await readUpTo<ModelVersion>(
      {
        limit,
        pageSize: PAGE_SIZE,
        ...(format && { keep: version => version.format === format }),
      },
      page => portal.registry.listVersions(model, page, { signal }),
    );
    showList(job, found, COLUMNS);
  },
};

export const searchAction: Action = {
  name: 'search',
  summary: 'lists versions of all models by what is said of them',
  more: 'A text with % in it is a pattern as LIKE of SQL has them: % stands for any text, _ for one character.',
  options: {
    model: {
      type: 'string',
      value: 'TEXT',
      help: 'only those of models with this name',
    },
    run: {
      type: 'string',
      value: 'TEXT',
      help: 'only those that this training run made',
    },
    source: {
      type: 'string',
      value: 'TEXT',
      help: 'only those made of files from this URI, such as runs:/%',
    },
    tag: {
      type: 'string',
      multiple: true,
      value: 'KEY=VALUE',
      help: 'only those with this tag; several times: with all of them',
    },
    order: {
      type: 'string',
      value: 'FIELD',
      choices: VERSION_ORDERS,
      help: 'what they are ordered by; the last changed first when left out',
    },
    descending: { type: 'boolean', help: 'with --order: the other way round' },
    ...LIMIT_OPTION,
  },
  async run(job) {
    const { words, portal, called, signal } = job;
    const limit = limitOf(called, words);
    const by = words.text('order') as VersionOrder | undefined;
    const descending = words.flag('descending');
    if (descending && !by) {
      throw usageError(`${called}: --descending needs --order`);
    }
    const wanted = {
      conditions: conditionsOf(called, {
        model: words.text('model'),
        run: words.text('run'),
        source: words.text('source'),
        tags: words.texts('tag'),
      }),
      ...(by && { order: [{ by, descending }] }),
    };
    const found = await readUpTo({ limit, pageSize: SEARCH_PAGE_SIZE }, page =>
      portal.registry.searchVersions({ ...wanted, ...page }, { signal }),
    );
    showList(job, found, [
      { title: 'MODEL', of: ({ model }) => model },
      ...COLUMNS,
    ]);
  },
};

/** What the registry is asked for; all of it holds. */
export function conditionsOf(
  called: string,
  wanted: { model?: string; run?: string; source?: string; tags: string[] },
): VersionCondition[] {
  const fields = [
    ['model', wanted.model],
    ['run', wanted.run],
    ['sourceUri', wanted.source],
  ] as const;
  return [
    ...fields.flatMap(([field, text]) =>
      text === undefined ? [] : [{ field, ...compared(text) }],
    ),
    ...Object.entries(readTags(called, wanted.tags)).map(([key, value]) => ({
      field: 'tag' as const,
      key,
      ...compared(value ?? ''),
    })),
  ];
}

function compared(text: string) {
  const comparator = text.includes('%') ? ('LIKE' as const) : ('=' as const);
  return { comparator, values: [text] };
}

/** The metric that decides. */
function metricText(
  { evaluation }: ModelVersion,
  text: (value: number) => string,
): string | undefined {
  if (!evaluation) return undefined;
  const { name } = evaluation.primary;
  const value = evaluation.metrics[name];
  return value === undefined ? undefined : `${name}=${text(value)}`;
}
