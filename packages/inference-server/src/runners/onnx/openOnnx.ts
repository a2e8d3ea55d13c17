import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { Signature } from '../../domain/tensor';
import type { MeasuredRun } from '../cost/MeasuredRun';
import { measureRuns } from '../cost/measureRuns';
import { decideBatching } from '../decideBatching';
import { nativeBytes } from '../nativeBytes';
import type { WarmUpResult } from '../warmUp';
import { checkWeightsInFile } from './checkWeightsInFile';
import { OnnxRunner } from './OnnxRunner';

/** A model's file, and what it is opened as. */
export interface ModelFile {
  /** Absolute path. */
  file: string;
  /** Path in the bundle; empty where the version is that file alone. */
  modelPath: string;
  /** Of the bundle. */
  files: readonly { path: string; sizeBytes: number }[];
  signature: Signature;
  batching: Pick<BatchingOptions, 'maxRows' | 'mode'>;
  /** What was found out about the same file before, which is not looked for again. */
  known?: KnownFacts;
}

/** What is known of a model that was open before. */
export interface KnownFacts {
  warm: WarmUpResult;
  /** Whether it has computed something. */
  worked: boolean;
}

/** What was found out while a model was opened. */
export interface OpenedFacts {
  warm: WarmUpResult;
  /** Of made-up rows, when it was warm; none where it takes no made-up values. */
  runs: readonly MeasuredRun[];
  /** How long the thread was held to load it. */
  openMillis: number;
  /** What the process took more afterwards, apart from this thread's heap, by whatever happened meanwhile. */
  grownBytes: number;
}

/**
 * Makes a model ready to run: looks where its weights lie, loads it, warms it, and finds out whether requests
 * may share its runs and how long those take. All of it takes as long as the model is large.
 *
 * @throws Error for people when the runtime cannot load it, or its weights lie outside its bundle
 */
export async function openOnnx(
  model: ModelFile,
): Promise<OpenedFacts & { runner: OnnxRunner }> {
  const { file, signature, batching, known } = model;
  await checkWeightsInFile(file, model);
  const bytesBefore = nativeBytes();
  const startedMillis = threadMillis();
  const runner = await OnnxRunner.load({
    file,
    signature,
    worked: known?.worked,
  });
  const openMillis = threadMillis() - startedMillis;
  const grown = () => nativeBytes() - bytesBefore;
  if (known) {
    const { warm } = known;
    return { runner, warm, runs: [], openMillis, grownBytes: grown() };
  }
  try {
    const warm = await decideBatching({ file, runner, batching });
    const runs = warm.values
      ? await measureRuns(runner, warm.values, { shared: warm.batchable })
      : [];
    return { runner, warm, runs, openMillis, grownBytes: grown() };
  } catch (error) {
    await runner.release();
    throw error;
  }
}

/** What this thread has computed so far; where that cannot be told, time as it goes by, which other work makes longer. */
function threadMillis(): number {
  // Not in each version of Node that this runs in.
  const usage = process.threadCpuUsage as
    | typeof process.threadCpuUsage
    | undefined;
  if (usage === undefined) return performance.now();
  const { user, system } = usage.call(process);
  return (user + system) / 1_000;
}
