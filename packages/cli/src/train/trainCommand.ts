import { commandOfActions } from '../actions/commandOfActions';
import { cancelAction, retryAction } from './changeActions';
import { logAction, waitAction } from './followActions';
import { listAction, queueAction, showAction } from './listActions';
import { startAction } from './startAction';
import { templatesAction } from './templateActions';
import { validateAction } from './validateAction';

/** Training jobs: runs that the portal runs itself. */
export const trainCommand = commandOfActions({
  name: 'train',
  summary: 'starts, follows, lists and ends training jobs; checks templates',
  about: `Training jobs: runs of experiments that the portal runs itself, after a template
that lies with a project as greenroom/train.yaml.`,
  actions: [
    templatesAction,
    validateAction,
    startAction,
    listAction,
    showAction,
    logAction,
    waitAction,
    cancelAction,
    retryAction,
    queueAction,
  ],
});
