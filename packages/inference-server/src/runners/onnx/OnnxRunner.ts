import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { formatShape } from '../../domain/checkRequest';
import { InferenceError } from '../../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../../domain/ModelRunner';
import {
  shareRows,
  type SharedDimension,
  type Signature,
  type Tensor,
  type TensorSpec,
} from '../../domain/tensor';
import { explainRunError } from './explainOnnxError';
import { fromOnnxData, toOnnxTensor } from './onnxDatatypes';
import { openSession } from './openSession';
import { findSharedDimensions, reconcileSignature } from './reconcileSignature';

/** Runs one ONNX model in this process, one request (or batch) at a time. */
export class OnnxRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #session: InferenceSession;
  readonly #outputNames: string[];
  /** Outputs that are not the model's own, so that nothing has held them against their shape. */
  readonly #made: ReadonlySet<string>;
  #worked: boolean;

  private constructor(
    session: InferenceSession,
    signature: Signature,
    { made, worked }: { made: ReadonlySet<string>; worked: boolean },
  ) {
    this.#session = session;
    this.#made = made;
    this.#worked = worked;
    this.signature = signature;
    this.dimensions = findSharedDimensions(signature, session.inputMetadata);
    this.rowWise = shareRows(signature, this.dimensions);
    this.#outputNames = signature.outputs.map(output => output.name);
  }

  /**
   * Loads a model file. The event loop stands still meanwhile, since onnxruntime has no
   * asynchronous way to load.
   *
   * @throws SignatureMismatchError when the file is another model than the signature says;
   *   Error when the runtime cannot load it.
   */
  static async load(options: {
    file: string;
    signature: Signature;
    /** Whether the same file has computed something before, in another thread. */
    worked?: boolean;
  }): Promise<OnnxRunner> {
    const { file, signature, worked = false } = options;
    const { session, made } = await openSession(file);
    try {
      const sharper = reconcileSignature(signature, {
        inputs: session.inputMetadata,
        outputs: session.outputMetadata,
      });
      return new OnnxRunner(session, sharper, { made, worked });
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** Whether it has computed something: what it refuses then is the input's fault. */
  get worked(): boolean {
    return this.#worked;
  }

  async run({ inputs, outputs }: RunRequest): Promise<Tensor[]> {
    // Without a prototype, so that an input may be named like a part of one.
    const feeds: Record<string, OnnxTensor> = Object.create(null);
    for (let i = 0; i < inputs.length; i++) {
      feeds[inputs[i].name] = toOnnxTensor(inputs[i]);
    }
    let results: InferenceSession.ReturnType;
    const names = outputs ?? this.#outputNames;
    try {
      results = await this.#session.run(feeds, names);
    } catch (error) {
      throw explainRunError(error, { worked: this.#worked });
    }
    this.#worked = true;
    const tensors: Tensor[] = [];
    for (let i = 0; i < names.length; i++) {
      const result = results[names[i]];
      const spec = this.#outputSpec(names[i]);
      const { datatype } = spec;
      if (this.#made.has(names[i])) checkShape(spec, result.dims);
      tensors.push({
        name: names[i],
        datatype,
        shape: result.dims,
        data: fromOnnxData(result.data, datatype),
      });
    }
    checkOutputTexts(tensors, inputs);
    return tensors;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #outputSpec(name: string): TensorSpec {
    const { outputs } = this.signature;
    for (let i = 0; i < outputs.length; i++) {
      if (outputs[i].name === name) return outputs[i];
    }
    throw new Error(`no output "${name}"`);
  }
}

/** What a ZipMap would have refused is refused. */
function checkShape(spec: TensorSpec, found: readonly number[]): void {
  const fits =
    found.length === spec.shape.length &&
    spec.shape.every((size, axis) => size === -1 || size === found[axis]);
  if (fits) return;
  throw new InferenceError(
    'internal',
    `the model gives the output "${spec.name}" of shape ${formatShape(
      found,
    )}, where its file says ${formatShape(spec.shape)}`,
  );
}

/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

function hasReplacement({ data }: Tensor): boolean {
  return (
    Array.isArray(data) &&
    data.some(one => typeof one === 'string' && one.includes(REPLACEMENT))
  );
}

/**
 * Texts come out of the runtime with bytes that are no UTF-8 replaced. Where no caller sent
 * the replacement, what the model said is lost.
 */
function checkOutputTexts(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
): void {
  for (const output of outputs) {
    if (!Array.isArray(output.data)) continue;
    if (hasReplacement(output) && !inputs.some(hasReplacement)) {
      throw new InferenceError(
        'internal',
        `output "${output.name}" has text that is no UTF-8, which cannot be sent`,
      );
    }
  }
}
