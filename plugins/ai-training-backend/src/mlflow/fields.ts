import type { LoggedPoint, Pair } from '../runs/RunStore';
import type { Message } from './messages';

/** Tags and params: a value that is left out is an empty one. */
export function readPairs(message: Message, field: string): Pair[] {
  return message.messages(field).map(pair => ({
    key: pair.requiredText('key'),
    value: pair.text('value') ?? '',
  }));
}

export function readMetric(message: Message): LoggedPoint {
  return {
    key: message.requiredText('key'),
    value: message.requiredNumber('value'),
    at: message.requiredInteger('timestamp'),
    step: message.integer('step') ?? 0,
    modelId: message.text('model_id') || undefined,
    datasetName: message.text('dataset_name') || undefined,
    datasetDigest: message.text('dataset_digest') || undefined,
  };
}
