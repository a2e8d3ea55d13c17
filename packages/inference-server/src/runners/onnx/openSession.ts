import { makeServable, type RandomAccessBytes } from '@greenroom/onnx-file';
import { InferenceSession } from 'onnxruntime-node';
import { basename, dirname } from 'node:path';
import { withFile } from '../withFile';
import { explainLoadError } from './explainOnnxError';

const OPTIONS: InferenceSession.SessionOptions = {
  // One thread: more burn CPU in spinning, and processes scale better.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // What fails is thrown; printing it too would let callers fill the log.
  logSeverityLevel: 4,
};

/** Of a rewritten model without its large weights: what runtimes take is read at once. */
const MAX_REWRITTEN_BYTES = 512 * 1024 * 1024;

/**
 * The runtime takes the American locale for texts, which servers seldom have. This one is always
 * there, and its letters become large and small in the same way.
 */
const LOCALE = process.platform === 'linux' ? 'C.UTF-8' : undefined;

interface OpenSession {
  session: InferenceSession;
  /** Names of outputs that the file has not, made of some that are no tensors. */
  made: ReadonlySet<string>;
}

/** Does what the runtime does once in a process, so that the first model is not taken for a slow one. */
export async function startRuntime(): Promise<void> {
  // No model has no bytes: it is refused when the runtime is there.
  await InferenceSession.create(new Uint8Array(0), OPTIONS).catch(() => {});
}

/**
 * Opens a model file, with its outputs made tensors. The file stays as it is: what is rewritten
 * goes from memory to the runtime, but for large weights, which it takes from the file.
 *
 * @throws Error when the runtime cannot load it; OnnxFileError when not all outputs can be tensors
 */
export async function openSession(file: string): Promise<OpenSession> {
  const rewritten = await withFile(file, async whole => {
    const servable = await makeServable(whole, {
      weightsFrom: basename(file),
      locale: LOCALE,
    });
    if (!servable.isRewritten) return undefined;
    const { made, source } = servable;
    return { made, bytes: await readAll(source) };
  });
  try {
    if (!rewritten) {
      const session = await InferenceSession.create(file, OPTIONS);
      return { session, made: new Set() };
    }
    const session = await InferenceSession.create(rewritten.bytes, {
      ...OPTIONS,
      extra: {
        session: {
          model_external_initializers_file_folder_path: dirname(file),
        },
      },
    });
    return { session, made: rewritten.made };
  } catch (error) {
    throw explainLoadError(error);
  }
}

async function readAll(source: RandomAccessBytes): Promise<Uint8Array> {
  const { sizeBytes } = source;
  if (sizeBytes > MAX_REWRITTEN_BYTES) {
    throw new Error(
      `its outputs are no tensors, and ${sizeBytes} bytes are too many to rewrite (at most ${MAX_REWRITTEN_BYTES}): export it with options={id(model): {'zipmap': False}}`,
    );
  }
  return source.read(0, sizeBytes);
}
