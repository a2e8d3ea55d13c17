import type { LoggedModelStatus } from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import type { LoggedModelService } from '../loggedModels/LoggedModelService';
import { readPairs } from './fields';
import type { Message } from './messages';
import { MlflowRoutes } from './MlflowRoutes';
import { toLoggedModelMessage } from './wire';

/** As the protocol calls them. */
const STATUSES: Record<string, LoggedModelStatus> = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
};

/** Logged models, but for their search and their files. */
export function createLoggedModelRoutes(options: {
  models: LoggedModelService;
}): express.Router {
  const { models } = options;
  return new MlflowRoutes()
    .add('post', '/logged-models', async ({ message, credentials }) => {
      const model = await models.create(
        {
          experiment: message.requiredText('experiment_id'),
          name: message.text('name') || undefined,
          modelType: message.text('model_type'),
          sourceRun: message.text('source_run_id'),
          params: readPairs(message, 'params'),
          tags: readPairs(message, 'tags'),
        },
        { credentials },
      );
      return { model: toLoggedModelMessage(model) };
    })
    .add(
      'get',
      '/logged-models/:id',
      async ({ message, params, credentials }) => {
        const withDeleted = message.boolean('allow_deleted');
        const model = await models.get(params.id, { credentials, withDeleted });
        return { model: toLoggedModelMessage(model) };
      },
    )
    .add(
      'patch',
      '/logged-models/:id',
      async ({ message, params, credentials }) => {
        const model = await models.finalize(params.id, readStatus(message), {
          credentials,
        });
        return { model: toLoggedModelMessage(model) };
      },
    )
    .add('delete', '/logged-models/:id', ({ params, credentials }) =>
      models.delete(params.id, { credentials }),
    )
    .add(
      'post',
      '/logged-models/:id/params',
      ({ message, params, credentials }) =>
        models.logParams(params.id, readPairs(message, 'params'), {
          credentials,
        }),
    )
    .add(
      'patch',
      '/logged-models/:id/tags',
      ({ message, params, credentials }) =>
        models.setTags(params.id, readPairs(message, 'tags'), { credentials }),
    )
    .add('delete', '/logged-models/:id/tags/:key', ({ params, credentials }) =>
      models.deleteTag(params.id, params.key, { credentials }),
    ).router;
}

function readStatus(message: Message): LoggedModelStatus {
  return STATUSES[message.requiredOneOf('status', Object.keys(STATUSES))];
}
