import type { Action } from '../actions/Action';
import { showOne } from '../output/show';
import { pairsText, timeText } from '../output/words';
import { durationText, isoOf, metricsText } from './runText';

export const RUN_WORD = { name: 'RUN', expected: 'the id of a run' };

export const showAction: Action = {
  name: 'show',
  summary: 'says all that is known of a run',
  words: [RUN_WORD],
  async run(job) {
    const { portal, args, signal } = job;
    const run = await portal.training.getRun(args[0], { signal });
    showOne(job, run, [
      ['run', run.id],
      ['name', run.name],
      ['experiment', run.experiment],
      ['status', run.status],
      ['deleted', run.lifecycle === 'deleted' ? 'yes' : undefined],
      ['started', timeText(isoOf(run.startedAt))],
      ['took', durationText(run)],
      ['by', run.createdBy],
      ['params', pairsText(run.params)],
      ['metrics', metricsText(run)],
      ['tags', pairsText(run.tags)],
      ['datasets', run.inputs.map(({ dataset }) => dataset.name).join(', ')],
      ['models made', run.outputs.map(({ modelId }) => modelId).join(', ')],
      ['artifacts', run.artifactUri],
    ]);
  },
};
