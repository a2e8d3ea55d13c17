import type express from 'express';
import type { InputService } from '../inputs/InputService';
import type { NewInput } from '../inputs/InputStore';
import { readPairs } from './fields';
import type { Message } from './messages';
import { LARGE_JSON_LIMIT_BYTES, MlflowRoutes } from './MlflowRoutes';

/** What runs read and made. */
export function createInputRoutes(options: {
  inputs: InputService;
}): express.Router {
  const { inputs } = options;
  return new MlflowRoutes()
    .add(
      'post',
      '/runs/log-inputs',
      ({ message, credentials }) =>
        inputs.logInputs(
          message.runId(),
          {
            inputs: message.messages('datasets').map(readInput),
            models: message
              .messages('models')
              .map(model => model.requiredText('model_id')),
          },
          { credentials },
        ),
      { jsonLimitBytes: LARGE_JSON_LIMIT_BYTES },
    )
    .add('post', '/runs/outputs', ({ message, credentials }) => {
      const models = message.messages('models').map(model => ({
        modelId: model.requiredText('model_id'),
        step: model.integer('step') ?? 0,
      }));
      return inputs.logOutputs(message.runId(), models, { credentials });
    }).router;
}

function readInput(message: Message): NewInput {
  const dataset = message.requiredMessage('dataset');
  return {
    tags: Object.fromEntries(
      readPairs(message, 'tags').map(({ key, value }) => [key, value]),
    ),
    dataset: {
      name: dataset.requiredText('name'),
      digest: dataset.requiredText('digest'),
      sourceType: dataset.requiredText('source_type'),
      source: dataset.requiredText('source'),
      schema: dataset.text('schema'),
      profile: dataset.text('profile'),
    },
  };
}
