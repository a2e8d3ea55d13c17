import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import type { ModelRunner } from '../domain/ModelRunner';
import { findRowDependenceInFile } from './rowDependence/findRowDependence';
import { warmUp, type WarmUpResult } from './warmUp';

/**
 * Warms a model, and decides whether requests of several callers share a run of it. They
 * do only where no caller's rows can change another one's answer: where the model's graph
 * shows that and trial runs agree, or where its owner says so.
 *
 * @param file - of the model, whose graph is read
 */
export async function decideBatching(options: {
  file: string;
  runner: ModelRunner;
  batching: Pick<BatchingOptions, 'maxRows' | 'mode'>;
}): Promise<WarmUpResult> {
  const { file, runner, batching } = options;
  const { maxRows, mode = 'auto' } = batching;
  if (mode === 'off' || maxRows === 1) {
    const warm = await warmUp(runner, 'it is switched off');
    return { ...warm, batchable: false };
  }
  if (mode === 'on') {
    const warm = await warmUp(runner, undefined);
    return warm.influence
      ? { batchable: true, reason: warm.reason, values: warm.values }
      : warm;
  }
  return warmUp(runner, await findRowDependenceInFile(file, runner.signature));
}
