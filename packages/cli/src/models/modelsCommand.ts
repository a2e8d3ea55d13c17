import type { Model, ModelQuery } from '@greenroom/plugin-ai-registry-common';
import type { Action, Job, Word } from '../actions/Action';
import { commandOfActions } from '../actions/commandOfActions';
import type { Options } from '../Command';
import { LIMIT_OPTION, limitOf, readUpTo } from '../output/readUpTo';
import { showDone, showList, showOne } from '../output/show';
import type { Column } from '../output/table';
import { pairsText, timeText } from '../output/words';
import { readTags, withoutTags } from '../tags';

const PAGE_SIZE = 200;

export const MODEL_WORD: Word = {
  name: 'MODEL',
  expected: 'the name of a model',
};

const FILTERS = {
  owner: {
    type: 'string',
    value: 'REF',
    help: 'only those of this group or user, such as group:default/vision',
  },
  tag: {
    type: 'string',
    multiple: true,
    value: 'KEY=VALUE',
    help: 'only those with this tag; several times: with all of them',
  },
  ...LIMIT_OPTION,
} as const satisfies Options;

const list: Action = {
  name: 'list',
  summary: 'lists models by name',
  options: FILTERS,
  run: job => showModels(job, {}),
};

const search: Action = {
  name: 'search',
  summary: 'lists models with words in name, title, description or tags',
  words: [{ name: 'WORD', expected: 'a word to find', isRepeated: true }],
  options: FILTERS,
  run: job => showModels(job, { search: job.args.join(' ') }),
};

const show: Action = {
  name: 'show',
  summary: 'says all that is known of a model',
  words: [MODEL_WORD],
  async run(job) {
    const { portal, args, signal } = job;
    const model = await portal.registry.getModel(args[0], { signal });
    showOne(job, model, [
      ['name', model.name],
      ['called by MLflow', nameOfOthers(model)],
      ['title', model.title],
      ['description', model.description],
      ['task', model.task],
      ['owner', model.owner],
      ['system', model.system],
      ['tags', pairsText(model.tags)],
      ['versions', model.versionCount],
      ['newest version', model.latestVersion],
      ['aliases', aliasesText(model)],
      ['deprecated', model.deprecation && model.deprecation.message],
      ['created', `${timeText(model.createdAt)} by ${model.createdBy}`],
      ['changed', timeText(model.updatedAt)],
      ['page', pageOf(job, model.name)],
    ]);
  },
};

const tag: Action = {
  name: 'tag',
  summary: 'sets tags of a model, and leaves the others',
  words: [
    MODEL_WORD,
    { name: 'KEY=VALUE', expected: 'a tag, KEY=VALUE', isRepeated: true },
  ],
  async run(job) {
    const [name, ...pairs] = job.args;
    await change(job, name, { tagChanges: readTags(job.called, pairs) });
  },
};

const untag: Action = {
  name: 'untag',
  summary: 'takes tags of a model away',
  words: [
    MODEL_WORD,
    { name: 'KEY', expected: 'the key of a tag', isRepeated: true },
  ],
  async run(job) {
    const [name, ...keys] = job.args;
    await change(job, name, { tagChanges: withoutTags(keys) });
  },
};

const describe: Action = {
  name: 'describe',
  summary: 'gives a model another description, in Markdown',
  words: [
    MODEL_WORD,
    { name: 'TEXT', expected: 'the description; an empty one takes it away' },
  ],
  async run(job) {
    const [name, description] = job.args;
    await change(job, name, { description });
  },
};

const remove: Action = {
  name: 'delete',
  summary: 'hides a model with all its versions, and takes its aliases away',
  more: 'It is refused while something runs. Nothing is thrown away: restore brings the model back, without its aliases.',
  words: [MODEL_WORD],
  async run(job) {
    const [model] = job.args;
    await job.portal.registry.deleteModel(model, { signal: job.signal });
    showDone(job, { model, deleted: true }, `deleted ${model}`);
  },
};

const restore: Action = {
  name: 'restore',
  summary: 'brings a deleted model back',
  words: [MODEL_WORD],
  async run(job) {
    const { portal, args, signal } = job;
    const model = await portal.registry.restoreModel(args[0], { signal });
    showDone(job, model, `restored ${model.name}`);
  },
};

/** Models of the registry. */
export const modelsCommand = commandOfActions({
  name: 'models',
  summary: 'lists, shows and describes models',
  about: `Models of the registry: the names that versions and aliases hang on. A version
is made by greenroom register, and looked at by greenroom versions.`,
  actions: [list, search, show, tag, untag, describe, remove, restore],
});

const COLUMNS: Column<Model>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'TASK', of: ({ task }) => task },
  { title: 'OWNER', of: ({ owner }) => owner },
  {
    title: 'VERSIONS',
    of: ({ versionCount }) => versionCount,
    isNumber: true,
  },
  { title: 'NEWEST', of: ({ latestVersion }) => latestVersion, isNumber: true },
  { title: 'ALIASES', of: aliasesText },
  {
    title: 'CHANGED',
    of: ({ updatedAt }) => timeText(updatedAt),
    plain: ({ updatedAt }) => updatedAt,
  },
];

async function showModels(job: Job, query: ModelQuery): Promise<void> {
  const { words, portal, called, signal } = job;
  const limit = limitOf(called, words);
  const tags = words.texts('tag');
  // What is no tag finds nothing, which looks like an answer.
  readTags(called, tags);
  const filter = { ...query, owner: words.text('owner'), tags };
  const found = await readUpTo({ limit, pageSize: PAGE_SIZE }, page =>
    portal.registry.listModels({ ...filter, ...page }, { signal }),
  );
  showList(job, found, COLUMNS);
}

async function change(
  job: Job,
  name: string,
  changes: Parameters<Job['portal']['registry']['updateModel']>[1],
): Promise<void> {
  const { portal, signal } = job;
  const model = await portal.registry.updateModel(name, changes, { signal });
  showDone(job, model, `changed ${model.name}`);
}

function aliasesText({ aliases }: Model): string {
  return aliases.map(({ alias, version }) => `${alias}=${version}`).join(', ');
}

function nameOfOthers({ name, externalName }: Model): string | undefined {
  return externalName === name ? undefined : externalName;
}

function pageOf({ portal }: Job, name: string): string {
  return `${portal.url}/ai-registry/models/${name}`;
}
