import type { Action } from '../actions/Action';
import { showDone } from '../output/show';
import { RUN_WORD } from './showAction';

export const deleteAction: Action = {
  name: 'delete',
  summary: 'hides a run; restore brings it back',
  words: [RUN_WORD],
  async run(job) {
    const [run] = job.args;
    await job.portal.training.deleteRun(run, { signal: job.signal });
    showDone(job, { run, deleted: true }, `deleted run ${run}`);
  },
};

export const restoreAction: Action = {
  name: 'restore',
  summary: 'brings a deleted run back',
  words: [RUN_WORD],
  async run(job) {
    const [run] = job.args;
    await job.portal.training.restoreRun(run, { signal: job.signal });
    showDone(job, { run, deleted: false }, `restored run ${run}`);
  },
};
