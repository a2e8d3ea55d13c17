import { hash } from 'node:crypto';
import type { RunRequest } from '../../domain/ModelRunner';
import type { TensorData } from '../../domain/tensor';

/**
 * Names a request by everything that its answer depends on, within one version: two requests with
 * the same key are the same to the last bit, as far as SHA-256 tells.
 */
export function requestKey({
  inputs,
  outputs,
}: Pick<RunRequest, 'inputs' | 'outputs'>): string {
  let key = outputs === undefined ? '' : JSON.stringify(outputs);
  for (let i = 0; i < inputs.length; i++) {
    const { shape, data } = inputs[i];
    // The signature gives the rest: names, order and datatypes.
    key += `|${shape.join()}:${hash('sha256', bytesOf(data), 'base64')}`;
  }
  return key;
}

function bytesOf(data: TensorData): string | Uint8Array {
  // As JSON, so that no two lists of texts look alike.
  if (Array.isArray(data)) {
    return JSON.stringify(
      data.map(one => (typeof one === 'string' ? one : [...one])),
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
