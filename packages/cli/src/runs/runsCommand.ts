import { commandOfActions } from '../actions/commandOfActions';
import { deleteAction, restoreAction } from './changeActions';
import { downloadAction, filesAction } from './fileActions';
import { experimentsAction, listAction, searchAction } from './listActions';
import { showAction } from './showAction';

/** Runs of experiments. */
export const runsCommand = commandOfActions({
  name: 'runs',
  summary: 'lists, shows and searches runs, and downloads their files',
  about: `Runs of experiments, as clients of MLflow log them: what was tried, with which
params, and what came of it.`,
  actions: [
    experimentsAction,
    listAction,
    searchAction,
    showAction,
    filesAction,
    downloadAction,
    deleteAction,
    restoreAction,
  ],
});
