import { InferenceSession, type Tensor as OnnxTensor } from 'onnxruntime-node';
import { formatShape } from '../../domain/checkRequest';
import { InferenceError } from '../../domain/InferenceError';
import type { ModelRunner, RunRequest } from '../../domain/ModelRunner';
import {
  hasFreeRows,
  type Signature,
  type Tensor,
  type TensorSpec,
} from '../../domain/tensor';
import { fromOnnxData, ONNX_TYPES, toOnnxTensor } from './onnxDatatypes';
import { errorMessage } from '../../errors';

/** Runs one ONNX model in this process, one request (or batch) at a time. */
export class OnnxRunner implements ModelRunner {
  readonly signature: Signature;
  readonly rowWise: boolean;
  readonly #session: InferenceSession;
  readonly #outputNames: string[];

  private constructor(session: InferenceSession, signature: Signature) {
    this.#session = session;
    this.signature = signature;
    this.rowWise =
      signature.inputs.length > 0 &&
      signature.inputs.every(hasFreeRows) &&
      signature.outputs.every(hasFreeRows);
    this.#outputNames = signature.outputs.map(output => output.name);
  }

  /**
   * Loads a model file. The event loop stands still meanwhile, since onnxruntime has no
   * asynchronous way to load.
   *
   * @throws Error when the file is no ONNX model, or another one than the signature says.
   */
  static async load(options: {
    file: string;
    signature: Signature;
  }): Promise<OnnxRunner> {
    const { file, signature } = options;
    const session = await InferenceSession.create(file, {
      // One thread: more burn CPU in spinning, and processes scale better.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // What fails is thrown; printing it too would let callers fill the log.
      logSeverityLevel: 4,
    });
    try {
      checkSide('input', signature.inputs, session.inputMetadata);
      checkSide('output', signature.outputs, session.outputMetadata);
    } catch (error) {
      await session.release();
      throw error;
    }
    return new OnnxRunner(session, signature);
  }

  async run({ inputs, outputs }: RunRequest): Promise<Tensor[]> {
    const feeds: Record<string, OnnxTensor> = {};
    for (let i = 0; i < inputs.length; i++) {
      feeds[inputs[i].name] = toOnnxTensor(inputs[i]);
    }
    let results: InferenceSession.ReturnType;
    const names = outputs ?? this.#outputNames;
    try {
      results = await this.#session.run(feeds, names);
    } catch (error) {
      throw new InferenceError(
        'internal',
        `the model failed on this input: ${errorMessage(error)}`,
        error,
      );
    }
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

function checkSide(
  side: 'input' | 'output',
  specs: readonly TensorSpec[],
  metadata: readonly InferenceSession.ValueMetadata[],
): void {
  for (const spec of specs) {
    const found = metadata.find(candidate => candidate.name === spec.name);
    if (!found?.isTensor) {
      throw new Error(
        `the file has no ${side} tensor "${spec.name}", which its signature names`,
      );
    }
    const shape = found.shape.map(size =>
      typeof size === 'number' ? size : -1,
    );
    if (
      found.type !== ONNX_TYPES[spec.datatype] ||
      formatShape(shape) !== formatShape(spec.shape)
    ) {
      throw new Error(
        `${side} "${spec.name}" is ${found.type} ${formatShape(
          shape,
        )} in the file, but its signature says ${spec.datatype} ${formatShape(
          spec.shape,
        )}`,
      );
    }
  }
  if (side === 'input' && metadata.length !== specs.length) {
    throw new Error(
      `the file has ${metadata.length} inputs, but its signature names ${specs.length}`,
    );
  }
}
