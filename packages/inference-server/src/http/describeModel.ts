import type { ServedRoute } from '../domain/ServedRoute';
import type { ServedVersion } from '../domain/ServedVersion';
import type { TensorSpec } from '../domain/tensor';

/** Name of the model format in the Open Inference Protocol. */
const PLATFORM = 'onnx_onnxv1';

/** Model metadata of the Open Inference Protocol. */
export interface ModelMetadata {
  name: string;
  /** All versions that answer, ascending. */
  versions: string[];
  platform: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  properties: Record<string, string>;
}

/** @param served - the version that was asked for, or the one that most requests get */
export function describeModel(
  route: ServedRoute,
  served: ServedVersion,
): ModelMetadata {
  return {
    name: route.model,
    versions: route.versions.map(({ version }) => String(version)),
    platform: PLATFORM,
    inputs: served.signature.inputs,
    outputs: served.signature.outputs,
    properties: { version: String(served.version), digest: served.digest },
  };
}
