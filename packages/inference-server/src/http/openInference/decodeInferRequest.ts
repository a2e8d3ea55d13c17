import { isUtf8 } from 'node:buffer';
import {
  checkInputHeader,
  checkOutputName,
  findInput,
  missingInput,
} from '../../domain/checkRequest';
import { InferenceError } from '../../domain/InferenceError';
import type { Signature, Tensor } from '../../domain/tensor';
import { readBinaryTensor } from './binaryTensors';
import { measureJson } from './measureJson';
import { parseJson } from './parseJson';
import { readParameters, type Parameters } from './readParameters';
import { readTensorData } from './readTensorData';
import { show } from './show';

/** A request as the protocol's JSON says it, with its tensors read and checked. */
export interface DecodedInferRequest {
  id: string | undefined;
  /** In the order of the signature. */
  inputs: Tensor[];
  /** Names of the outputs wanted; undefined for all. */
  outputs: string[] | undefined;
  /** Whether an output is wanted in binary form. */
  binary: BinaryChoice;
  /** Of which outputs only so many of the highest values are wanted; undefined when all values of all are. */
  classified?: Map<string, number>;
  /** How long the caller waits from its request on; undefined where it did not say. */
  timeoutMillis: number | undefined;
}

export interface BinaryChoice {
  /** What holds for outputs that are not listed. */
  byDefault: boolean;
  /** By output name; undefined when no output says otherwise. */
  byName: Map<string, boolean> | undefined;
}

const NO_PARAMETERS: Parameters = {};
/** Longest JSON that is parsed without a look at it. */
const MAX_UNMEASURED_BYTES = 32 * 1024;
const NO_BINARY: BinaryChoice = { byDefault: false, byName: undefined };

type JsonObject = { [key: string]: unknown };

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): InferenceError {
  return new InferenceError('invalid', message);
}

function isShape(value: unknown): value is number[] {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) {
    if (!Number.isSafeInteger(value[i]) || value[i] < 0) return false;
  }
  return true;
}

/** Cuts the blobs behind the JSON, in the order of the inputs that announce one. */
class BlobReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  take(size: number, input: string): Buffer {
    const remaining = this.#bytes.length - this.#offset;
    if (size > remaining) {
      throw invalid(
        `input "${input}": "binary_data_size" is ${size}, but only ${remaining} bytes follow the JSON (is the header Inference-Header-Content-Length right?)`,
      );
    }
    const start = this.#offset;
    this.#offset += size;
    return this.#bytes.subarray(start, this.#offset);
  }

  end(): void {
    const remaining = this.#bytes.length - this.#offset;
    if (remaining > 0) {
      throw invalid(
        `${remaining} bytes follow the last binary input, expected none`,
      );
    }
  }
}

/**
 * @param field - where the list stands, for errors
 * @returns in the order of the signature
 */
export function readInputs(
  list: unknown,
  signature: Signature,
  blobs: BlobReader | undefined,
  field = 'inputs',
): Tensor[] {
  if (!Array.isArray(list)) {
    throw invalid(`"${field}" is missing: expected an array of tensors`);
  }
  const tensors = new Array<Tensor>(signature.inputs.length);
  for (let i = 0; i < list.length; i++) {
    const input: unknown = list[i];
    if (!isObject(input) || typeof input.name !== 'string') {
      throw invalid(
        `"${field}" entry ${i} has no "name": expected an object with name, datatype, shape and data`,
      );
    }
    const { name, datatype, shape, parameters } = input;
    const index = findInput(signature, name);
    const spec = signature.inputs[index];
    if (tensors[index] !== undefined) {
      throw invalid(`input "${name}" is given twice`);
    }
    if (typeof datatype !== 'string') {
      throw invalid(
        `input "${name}": "datatype" is missing, expected ${spec.datatype}`,
      );
    }
    if (!isShape(shape)) {
      throw invalid(
        `input "${name}": "shape" is ${
          shape === undefined ? 'missing' : show(shape)
        }, expected an array of sizes`,
      );
    }
    checkInputHeader(spec, datatype, shape);
    const { binary_data_size: size } =
      parameters === undefined
        ? NO_PARAMETERS
        : readParameters(parameters, 'input', `input "${name}": `);
    if (size === undefined) {
      const data = readTensorData(input.data, shape, spec);
      tensors[index] = { name, datatype: spec.datatype, shape, data };
      continue;
    }
    if (blobs === undefined) {
      throw invalid(
        `input "${name}": "binary_data_size" needs the header Inference-Header-Content-Length`,
      );
    }
    const data = readBinaryTensor(blobs.take(size, name), shape, spec);
    tensors[index] = { name, datatype: spec.datatype, shape, data };
  }
  for (let i = 0; i < tensors.length; i++) {
    if (tensors[i] === undefined) throw missingInput(signature.inputs[i]);
  }
  blobs?.end();
  return tensors;
}

function readOutputs(
  list: unknown,
  signature: Signature,
  byDefault: boolean,
): Pick<DecodedInferRequest, 'outputs' | 'binary' | 'classified'> {
  if (!Array.isArray(list)) {
    throw invalid('"outputs" is no array: expected [{"name": ...}, ...]');
  }
  const outputs: string[] = [];
  const byName = new Map<string, boolean>();
  let classified: Map<string, number> | undefined;
  for (let i = 0; i < list.length; i++) {
    const output: unknown = list[i];
    if (!isObject(output) || typeof output.name !== 'string') {
      throw invalid(`"outputs" entry ${i} has no "name"`);
    }
    const { name, parameters } = output;
    checkOutputName(signature, name);
    if (outputs.includes(name)) {
      throw invalid(`output "${name}" is asked for twice`);
    }
    outputs.push(name);
    const { binary_data: asBinary, classification } = readParameters(
      parameters,
      'output',
      `output "${name}": `,
    );
    if (asBinary !== undefined) byName.set(name, asBinary);
    if (classification !== undefined) {
      classified ??= new Map();
      classified.set(name, classification);
    }
  }
  return {
    outputs: outputs.length > 0 ? outputs : undefined,
    binary: { byDefault, byName },
    ...(classified && { classified }),
  };
}

/**
 * Reads the body of an infer request and checks it against a model's signature.
 *
 * @param headerBytes - length of the JSON in front of binary data, from the header
 *   `Inference-Header-Content-Length`; undefined when all of the body is JSON
 * @param maxValues - most values of JSON; see {@link measureJson}
 * @throws InferenceError `invalid`, naming what is wrong and what was expected; or
 *   `too-large`.
 */
export function decodeInferRequest(
  body: Buffer,
  headerBytes: number | undefined,
  signature: Signature,
  maxValues: number,
): DecodedInferRequest {
  const json = parseInferJson(body, headerBytes, signature, maxValues);
  const blobs =
    headerBytes === undefined ? undefined : new BlobReader(body, headerBytes);
  return readInferRequest(json, signature, blobs);
}

/** What is in the JSON of a request, and in the blobs behind it. */
export function readInferRequest(
  json: JsonObject,
  signature: Signature,
  blobs: BlobReader | undefined,
): DecodedInferRequest {
  const { id, parameters } = json;
  if (id !== undefined && typeof id !== 'string') {
    throw invalid(`"id" is ${show(id)}, expected a string`);
  }
  const inputs = readInputs(json.inputs, signature, blobs);
  const { binary_data_output: byDefault = false, timeout } =
    parameters === undefined
      ? NO_PARAMETERS
      : readParameters(parameters, 'request', '');
  const timeoutMillis = timeout === undefined ? undefined : timeout / 1_000;
  const said = { id, inputs, timeoutMillis };
  if (json.outputs === undefined) {
    const binary = byDefault ? { byDefault, byName: undefined } : NO_BINARY;
    return { ...said, outputs: undefined, binary };
  }
  return { ...said, ...readOutputs(json.outputs, signature, byDefault) };
}

/**
 * The JSON of a request, with long integers exact where the signature has any.
 *
 * @throws InferenceError `invalid` or `too-large`
 */
export function parseInferJson(
  body: Buffer,
  headerBytes: number | undefined,
  signature: Signature,
  maxValues: number,
): JsonObject {
  if (headerBytes !== undefined && headerBytes > body.length) {
    throw invalid(
      `Inference-Header-Content-Length is ${headerBytes}, but the body has ${body.length} bytes`,
    );
  }
  const end = headerBytes ?? body.length;
  const text = headerBytes === undefined ? body : body.subarray(0, end);
  // Clients keep the header of an earlier request in what they were given for headers.
  const whereShort =
    end < body.length
      ? ` (is the header Inference-Header-Content-Length right? By it, ${end} of ${body.length} bytes are JSON)`
      : '';
  if (!isUtf8(text)) {
    throw invalid(
      `the body is no UTF-8, which JSON is written in${whereShort}`,
    );
  }
  const json = parseJson(text.toString('utf8'), {
    longIntegers: hasLongIntegers(signature),
    // A small one cannot cost much.
    values: end > MAX_UNMEASURED_BYTES ? measureJson(body, end, maxValues) : 0,
    whereShort,
  });
  if (!isObject(json)) {
    throw invalid('the body is no JSON object: expected one with "inputs"');
  }
  return json;
}

function hasLongIntegers({ inputs }: Signature): boolean {
  for (let i = 0; i < inputs.length; i++) {
    const { datatype } = inputs[i];
    if (datatype === 'INT64' || datatype === 'UINT64') return true;
  }
  return false;
}
