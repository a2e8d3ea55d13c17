import { InferenceSession, type Tensor as OnnxTensor } from 'onnxruntime-node';
import { InferenceError } from '../../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../../domain/ModelRunner';
import {
  shareRows,
  type SharedDimension,
  type Signature,
  type Tensor,
  type TensorSpec,
} from '../../domain/tensor';
import { explainLoadError, explainRunError } from './explainOnnxError';
import { fromOnnxData, toOnnxTensor } from './onnxDatatypes';
import { findSharedDimensions, reconcileSignature } from './reconcileSignature';

/** Runs one ONNX model in this process, one request (or batch) at a time. */
export class OnnxRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly dimensions: readonly SharedDimension[];
  readonly #session: InferenceSession;
  readonly #outputNames: string[];
  #worked: boolean;

  private constructor(
    session: InferenceSession,
    signature: Signature,
    worked: boolean,
  ) {
    this.#session = session;
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
    const session = await createSession(file);
    try {
      const sharper = reconcileSignature(signature, {
        inputs: session.inputMetadata,
        outputs: session.outputMetadata,
      });
      return new OnnxRunner(session, sharper, worked);
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
      const { datatype } = this.#outputSpec(names[i]);
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

async function createSession(file: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      // One thread: more burn CPU in spinning, and processes scale better.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // What fails is thrown; printing it too would let callers fill the log.
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw explainLoadError(error);
  }
}

/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

function hasReplacement({ data }: Tensor): boolean {
  return Array.isArray(data) && data.some(text => text.includes(REPLACEMENT));
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
