import { tellState } from '@greenroom/plugin-ai-training-common';
import type { Action } from '../actions/Action';
import { showDone } from '../output/show';
import { JOB_WORD } from './jobWords';

export const cancelAction: Action = {
  name: 'cancel',
  summary: 'has a training job end; one that has ended stays as it is',
  words: [JOB_WORD],
  async run(job) {
    const { portal, args, signal } = job;
    const after = await portal.training.cancelJob(args[0], { signal });
    showDone(job, after, `job ${after.id}: ${tellState(after.state)}`);
  },
};

export const retryAction: Action = {
  name: 'retry',
  summary: 'has a training job go on that failed or was cancelled',
  more: 'From its checkpoints, where its template keeps them.',
  words: [JOB_WORD],
  async run(job) {
    const { portal, args, signal } = job;
    const after = await portal.training.retryJob(args[0], { signal });
    showDone(job, after, `job ${after.id}: ${tellState(after.state)}`);
  },
};
