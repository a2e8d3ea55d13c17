import { commandOfActions } from '../actions/commandOfActions';
import { aliasAction, unaliasAction } from './aliasActions';
import {
  deleteAction,
  describeAction,
  restoreAction,
  stageAction,
  tagAction,
  untagAction,
} from './changeActions';
import { compareAction } from './compareAction';
import { convertAction } from './convertAction';
import { downloadAction } from './downloadAction';
import { measureAction } from './measureAction';
import { filesAction, showAction } from './showActions';
import { listAction, searchAction } from './listActions';
import { VERSION_HELP } from './resolveVersion';

/** Versions of the registry. */
export const versionsCommand = commandOfActions({
  name: 'versions',
  summary: 'lists, shows, changes, compares and downloads versions of models',
  about: `Versions of models: files that never change, with what is said of them. One is
made by greenroom register, and brought to an environment by greenroom promote.
${VERSION_HELP}`,
  actions: [
    listAction,
    searchAction,
    showAction,
    filesAction,
    downloadAction,
    compareAction,
    measureAction,
    convertAction,
    tagAction,
    untagAction,
    describeAction,
    stageAction,
    aliasAction,
    unaliasAction,
    deleteAction,
    restoreAction,
  ],
});
