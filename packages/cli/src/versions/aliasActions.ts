import type { Action } from '../actions/Action';
import { required } from '../Command';
import { MODEL_WORD } from '../models/modelsCommand';
import { showDone } from '../output/show';
import { resolveVersion, VERSION_HELP, VERSION_WORD } from './resolveVersion';

const ALIAS_WORD = { name: 'ALIAS', expected: 'the name of an alias' };
const REASON = {
  reason: {
    type: 'string',
    value: 'TEXT',
    help: 'needed: why, for the history of the alias',
  },
} as const;
const ENVIRONMENTS =
  'Those of environments, such as production, are moved by promotions alone.';

export const aliasAction: Action = {
  name: 'alias',
  summary: 'points an alias at a version',
  more: `${ENVIRONMENTS} ${VERSION_HELP}`,
  words: [MODEL_WORD, VERSION_WORD, ALIAS_WORD],
  options: REASON,
  async run(job) {
    const { called, words, portal, signal } = job;
    const [model, text, alias] = job.args;
    const reason = required(called, words, 'reason');
    const version = await resolveVersion(job, model, text);
    const change = await portal.registry.setAlias(
      model,
      alias,
      { version, reason },
      { signal },
    );
    showDone(
      job,
      { model, ...change },
      `${alias} of ${model} is version ${version} now`,
    );
  },
};

export const unaliasAction: Action = {
  name: 'unalias',
  summary: 'takes an alias of a model away',
  more: ENVIRONMENTS,
  words: [MODEL_WORD, ALIAS_WORD],
  options: REASON,
  async run(job) {
    const { called, words, portal, signal } = job;
    const [model, alias] = job.args;
    const reason = required(called, words, 'reason');
    await portal.registry.removeAlias(model, alias, { reason }, { signal });
    showDone(
      job,
      { model, alias, removed: true },
      `${alias} of ${model} points nowhere now`,
    );
  },
};
