import type { Tensor } from '../domain/tensor';
import type { Cost } from './cost/fitCost';

/** Copying and the memory for it, as measured. */
const MILLIS_PER_BYTE = 4e-7;
/** What a run costs beside the model's own work, which a fit may lose in the noise: below it all is worth joining. */
const LEAST_BYTES = 64 * 1024;

/**
 * Whether copying a request's rows beside others takes longer than the run that this spares: images for a model that
 * computes little are run one by one, and the same images for one that first reads its large weights are not.
 *
 * @param cost - of the model's runs; undefined where it was never measured
 */
export function isDearToJoin(
  inputs: readonly Tensor[],
  cost: Cost | undefined,
): boolean {
  let bytes = 0;
  for (let i = 0; i < inputs.length; i++) {
    const { data } = inputs[i];
    if (!Array.isArray(data)) bytes += data.byteLength;
  }
  if (bytes < LEAST_BYTES || cost === undefined) return false;
  return bytes * MILLIS_PER_BYTE > cost.millisPerRun;
}
