import { findRawBytes } from '../../domain/bytesElements';
import { DATATYPE_FACTS } from '../../domain/datatypes';
import { InferenceError } from '../../domain/InferenceError';
import type { TensorVersion } from '../../domain/ServedVersion';
import type { Tensor } from '../../domain/tensor';
import { toBinary } from './binaryTensors';
import type { BinaryChoice } from './decodeInferRequest';
import { formatFloat32, NEGATIVE_ZERO } from './formatFloat32';

/** A response body: JSON, and the blobs behind it when an output is binary. */
export interface EncodedInferResponse {
  json: string;
  blobs: Buffer[] | undefined;
}

/** Writes the responses of one version; what does not change is written once. */
export class InferResponseEncoder {
  readonly #head: string;
  readonly #outputHeads = new Map<string, string>();

  constructor(served: Pick<TensorVersion, 'model' | 'version' | 'signature'>) {
    this.#head = `{"model_name":${JSON.stringify(
      served.model,
    )},"model_version":"${served.version}"`;
    for (const output of served.signature.outputs) {
      this.#outputHeads.set(output.name, headOf(output));
    }
  }

  /** @throws InferenceError `invalid` or `unprocessable` when JSON has no form for an output. */
  encode(
    id: string | undefined,
    outputs: readonly Tensor[],
    binary: BinaryChoice,
    /** Names of outputs that are no more of the signature's datatype. */
    classified?: ReadonlyMap<string, unknown>,
  ): EncodedInferResponse {
    let blobs: Buffer[] | undefined;
    let json = this.#head;
    if (id !== undefined) json += `,"id":${JSON.stringify(id)}`;
    json += ',"outputs":[';
    for (let i = 0; i < outputs.length; i++) {
      const output = outputs[i];
      if (i > 0) json += ',';
      const head = classified?.has(output.name)
        ? headOf(output)
        : this.#outputHeads.get(output.name);
      json += `${head}${output.shape.join(',')}]`;
      if (binary.byName?.get(output.name) ?? binary.byDefault) {
        const blob = toBinary(output);
        blobs ??= [];
        blobs.push(blob);
        json += `,"parameters":{"binary_data_size":${blob.length}}}`;
      } else {
        json += `,"data":[${formatData(output)}]}`;
      }
    }
    return { json: `${json}]}`, blobs };
  }
}

function headOf({ name, datatype }: Pick<Tensor, 'name' | 'datatype'>): string {
  return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[`;
}

function formatData({ name, datatype, data }: Tensor): string {
  if (Array.isArray(data)) {
    const raw = findRawBytes(data);
    if (raw >= 0) throw notText(name, raw);
    return JSON.stringify(data).slice(1, -1);
  }
  if (DATATYPE_FACTS[datatype].bits) {
    throw new InferenceError(
      'invalid',
      `output "${name}": ${datatype} cannot be written in JSON, ask for it in binary ("binary_data": true)`,
    );
  }
  if (data instanceof Float32Array) {
    let text = '';
    for (let i = 0; i < data.length; i++) {
      const written = formatFloat32(data[i]);
      if (written === '') throw notInJson(name, i, data[i]);
      if (i > 0) text += ',';
      text += written;
    }
    return text;
  }
  if (data instanceof Float64Array) {
    let text = '';
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(data[i])) throw notInJson(name, i, data[i]);
      if (i > 0) text += ',';
      text += Object.is(data[i], -0) ? NEGATIVE_ZERO : `${data[i]}`;
    }
    return text;
  }
  if (datatype === 'BOOL') {
    let text = '';
    for (let i = 0; i < data.length; i++) {
      if (i > 0) text += ',';
      text += data[i] ? 'true' : 'false';
    }
    return text;
  }
  return data.join(',');
}

function notText(output: string, index: number): InferenceError {
  return new InferenceError(
    'unprocessable',
    `output "${output}": element ${index} is bytes that are no UTF-8, for which JSON has no text: ask for the output in binary ("binary_data": true)`,
  );
}

/** NaN and the infinities are answers like others; `null` would be another one. */
function notInJson(
  output: string,
  index: number,
  value: number,
): InferenceError {
  return new InferenceError(
    'unprocessable',
    `output "${output}": element ${index} is ${value}, for which JSON has no number: ask for the output in binary ("binary_data": true)`,
  );
}
