import {
  type Experiment,
  OWNER_TAG,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import type { AuditorService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { audited } from '@greenroom/ai-node';
import type { ExperimentService } from '../experiments/ExperimentService';
import { readPairs } from './fields';
import { MlflowRoutes } from './MlflowRoutes';
import { toExperimentMessage } from './wire';

/** Experiments, but for their search. */
export function createExperimentRoutes(options: {
  auditor: AuditorService;
  experiments: ExperimentService;
}): express.Router {
  const { auditor, experiments } = options;
  const answer = (experiment: Experiment) => ({
    experiment: toExperimentMessage(experiment),
  });
  return new MlflowRoutes()
    .add(
      'post',
      '/experiments/create',
      async ({ message, req, credentials }) => {
        const { [OWNER_TAG]: owner, ...tags } = Object.fromEntries(
          readPairs(message, 'tags').map(({ key, value }) => [key, value]),
        );
        const name = message.requiredText('name');
        const { id } = await audited(
          auditor,
          { eventId: 'experiment-create', request: req, meta: { name } },
          () =>
            experiments.create(
              {
                name,
                tags,
                ...(owner && { owner }),
                artifactLocation: message.text('artifact_location'),
              },
              { credentials },
            ),
        );
        return { experiment_id: id };
      },
    )
    .add('get', '/experiments/get', async ({ message, credentials }) =>
      answer(
        await experiments.get(message.requiredText('experiment_id'), {
          credentials,
        }),
      ),
    )
    .add('get', '/experiments/get-by-name', async ({ message, credentials }) =>
      answer(
        await experiments.getByName(message.requiredText('experiment_name'), {
          credentials,
        }),
      ),
    )
    .add(
      'post',
      '/experiments/update',
      async ({ message, req, credentials }) => {
        const experiment = message.requiredText('experiment_id');
        const name = message.requiredText('new_name');
        await audited(
          auditor,
          { eventId: 'experiment-update', request: req, meta: { experiment } },
          () => experiments.update(experiment, { name }, { credentials }),
        );
      },
    )
    .add(
      'post',
      '/experiments/delete',
      async ({ message, req, credentials }) => {
        const experiment = message.requiredText('experiment_id');
        await audited(
          auditor,
          { eventId: 'experiment-delete', request: req, meta: { experiment } },
          () => experiments.delete(experiment, { credentials }),
        );
      },
    )
    .add(
      'post',
      '/experiments/restore',
      async ({ message, req, credentials }) => {
        const experiment = message.requiredText('experiment_id');
        await audited(
          auditor,
          { eventId: 'experiment-restore', request: req, meta: { experiment } },
          () => experiments.restore(experiment, { credentials }),
        );
      },
    )
    .add(
      'post',
      '/experiments/set-experiment-tag',
      async ({ message, credentials }) => {
        const experiment = message.requiredText('experiment_id');
        const key = message.requiredText('key');
        const value = message.text('value') ?? '';
        if (key === OWNER_TAG) {
          await experiments.update(
            experiment,
            { owner: value },
            { credentials },
          );
        } else {
          await experiments.setTag(experiment, { key, value }, { credentials });
        }
      },
    )
    .add(
      'post',
      '/experiments/delete-experiment-tag',
      async ({ message, credentials }) => {
        const experiment = message.requiredText('experiment_id');
        const key = message.requiredText('key');
        if (key === OWNER_TAG) {
          throw new InputError(
            `The tag '${OWNER_TAG}' is who owns the experiment: set it to another group or user instead`,
          );
        }
        await experiments.deleteTag(experiment, key, { credentials });
      },
    ).router;
}
