import {
  VERSION_STAGES,
  type VersionChanges,
  type VersionStage,
} from '@greenroom/plugin-ai-registry-common';
import type { Action, Job } from '../actions/Action';
import { usageError } from '../CommandError';
import { MODEL_WORD } from '../models/modelsCommand';
import { showDone } from '../output/show';
import { readTags, withoutTags } from '../tags';
import { resolveVersion, VERSION_HELP, VERSION_WORD } from './resolveVersion';
import { wholeNumber } from '../Command';

const WORDS = [MODEL_WORD, VERSION_WORD];
/** As MLflow calls a version that has none. */
const NO_STAGE = 'None';

export const tagAction: Action = {
  name: 'tag',
  summary: 'sets tags of a version, and leaves the others',
  more: VERSION_HELP,
  words: [
    ...WORDS,
    { name: 'KEY=VALUE', expected: 'a tag, KEY=VALUE', isRepeated: true },
  ],
  async run(job) {
    const pairs = job.args.slice(2);
    await change(job, { tagChanges: readTags(job.called, pairs) });
  },
};

export const untagAction: Action = {
  name: 'untag',
  summary: 'takes tags of a version away',
  more: VERSION_HELP,
  words: [
    ...WORDS,
    { name: 'KEY', expected: 'the key of a tag', isRepeated: true },
  ],
  async run(job) {
    await change(job, { tagChanges: withoutTags(job.args.slice(2)) });
  },
};

export const describeAction: Action = {
  name: 'describe',
  summary: 'gives a version another description, in Markdown',
  more: VERSION_HELP,
  words: [
    ...WORDS,
    { name: 'TEXT', expected: 'the description; an empty one takes it away' },
  ],
  async run(job) {
    const [, , description] = job.args;
    await change(job, { description });
  },
};

export const stageAction: Action = {
  name: 'stage',
  summary: "labels a version with a stage of MLflow's, which moves nothing",
  more: `STAGE is ${VERSION_STAGES.join(', ')} or ${NO_STAGE}. ${VERSION_HELP}`,
  words: [...WORDS, { name: 'STAGE', expected: 'a stage' }],
  options: {
    'archive-others': {
      type: 'boolean',
      help: "labels the model's others in that stage Archived",
    },
  },
  async run(job) {
    const [, , text] = job.args;
    const stage = [...VERSION_STAGES, NO_STAGE].find(one => one === text);
    if (!stage) {
      throw usageError(
        `${
          job.called
        }: the stage is '${text}': expected one of ${VERSION_STAGES.join(
          ', ',
        )}, ${NO_STAGE}`,
      );
    }
    await change(job, {
      stage: stage === NO_STAGE ? null : (stage as VersionStage),
      ...(job.words.flag('archive-others') && { archiveOthers: true }),
    });
  },
};

export const deleteAction: Action = {
  name: 'delete',
  summary: 'hides a version, and takes its aliases away',
  more: `It is refused while an environment wants it. Its files stay: restore brings it back, without its aliases. ${VERSION_HELP}`,
  words: WORDS,
  async run(job) {
    const { portal, signal } = job;
    const [model, text] = job.args;
    const version = await resolveVersion(job, model, text);
    await portal.registry.deleteVersion(model, version, { signal });
    showDone(
      job,
      { model, version, deleted: true },
      `deleted ${model} version ${version}`,
    );
  },
};

export const restoreAction: Action = {
  name: 'restore',
  summary: 'brings a deleted version back',
  words: [MODEL_WORD, { name: 'NUMBER', expected: 'the number of a version' }],
  async run(job) {
    const { portal, called, signal } = job;
    const [model, text] = job.args;
    const number = wholeNumber(called, { name: 'NUMBER', text });
    const version = await portal.registry.restoreVersion(model, number, {
      signal,
    });
    showDone(job, version, `restored ${model} version ${number}`);
  },
};

async function change(job: Job, changes: VersionChanges): Promise<void> {
  const { portal, signal } = job;
  const [model, text] = job.args;
  const number = await resolveVersion(job, model, text);
  const version = await portal.registry.updateVersion(model, number, changes, {
    signal,
  });
  showDone(job, version, `changed ${model} version ${number}`);
}
