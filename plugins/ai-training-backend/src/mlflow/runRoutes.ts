import type { AuditorService } from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import {
  DEFAULT_EXPERIMENT,
  RUN_STATUSES,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import type { RunService } from '../runs/RunService';
import { readMetric, readPairs } from './fields';
import { MlflowError } from './MlflowError';
import { LARGE_JSON_LIMIT_BYTES, MlflowRoutes } from './MlflowRoutes';
import { toRunInfoMessage, toRunMessage } from './wire';

/** What old clients say of a model that a run made, at least. */
const MODEL_FIELDS = [
  'artifact_path',
  'flavors',
  'utc_time_created',
  'run_id',
] as const;

/** Runs and what is logged to them, but for their search. */
export function createRunRoutes(options: {
  auditor: AuditorService;
  runs: RunService;
}): express.Router {
  const { auditor, runs } = options;
  return new MlflowRoutes()
    .add('post', '/runs/create', async ({ message, credentials }) => {
      const run = await runs.create(
        {
          experiment: message.text('experiment_id') || DEFAULT_EXPERIMENT,
          name: message.text('run_name'),
          userId: message.text('user_id'),
          startedAt: message.integer('start_time'),
          tags: readPairs(message, 'tags'),
        },
        { credentials },
      );
      return { run: toRunMessage(run) };
    })
    .add('get', '/runs/get', async ({ message, credentials }) => ({
      run: toRunMessage(await runs.get(message.runId(), { credentials })),
    }))
    .add('post', '/runs/update', async ({ message, credentials }) => {
      const run = await runs.update(
        message.runId(),
        {
          status: message.oneOf('status', RUN_STATUSES),
          endedAt: message.integer('end_time'),
          name: message.text('run_name'),
        },
        { credentials },
      );
      return { run_info: toRunInfoMessage(run) };
    })
    .add('post', '/runs/delete', async ({ message, req, credentials }) => {
      const run = message.runId();
      await audited(
        auditor,
        { eventId: 'run-delete', request: req, meta: { run } },
        () => runs.delete(run, { credentials }),
      );
    })
    .add('post', '/runs/restore', async ({ message, req, credentials }) => {
      const run = message.runId();
      await audited(
        auditor,
        { eventId: 'run-restore', request: req, meta: { run } },
        () => runs.restore(run, { credentials }),
      );
    })
    .add('post', '/runs/log-metric', ({ message, credentials }) =>
      runs.logMetric(message.runId(), readMetric(message), { credentials }),
    )
    .add('post', '/runs/log-parameter', ({ message, credentials }) => {
      const key = message.requiredText('key');
      const value = message.text('value') ?? '';
      return runs.logParam(message.runId(), { key, value }, { credentials });
    })
    .add('post', '/runs/set-tag', ({ message, credentials }) => {
      const key = message.requiredText('key');
      const value = message.text('value') ?? '';
      return runs.setTag(message.runId(), { key, value }, { credentials });
    })
    .add('post', '/runs/delete-tag', ({ message, credentials }) =>
      runs.deleteTag(message.runId(), message.requiredText('key'), {
        credentials,
      }),
    )
    .add('post', '/runs/log-batch', ({ message, credentials }) =>
      runs.logBatch(
        message.runId(),
        {
          metrics: message.messages('metrics').map(readMetric),
          params: readPairs(message, 'params'),
          tags: readPairs(message, 'tags'),
        },
        { credentials },
      ),
    )
    .add(
      'post',
      '/runs/log-model',
      ({ message, credentials }) =>
        runs.recordModel(
          message.runId(),
          readModel(message.requiredText('model_json')),
          { credentials },
        ),
      { jsonLimitBytes: LARGE_JSON_LIMIT_BYTES },
    ).router;
}

function readModel(text: string): object {
  let model: unknown;
  try {
    model = JSON.parse(text);
  } catch {
    // Falls through to the same answer as JSON that is no object.
  }
  if (typeof model !== 'object' || model === null) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Malformed model info. \n ${text.slice(0, 500)} \n is not a valid JSON.`,
    );
  }
  const missing = MODEL_FIELDS.filter(field => !Object.hasOwn(model, field));
  if (missing.length > 0) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Model json is missing mandatory fields: {${missing
        .map(field => `'${field}'`)
        .join(', ')}}`,
    );
  }
  return model;
}
