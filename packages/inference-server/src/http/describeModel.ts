import type { ServedRoute } from '../domain/ServedRoute';
import type { ServedVersion } from '../domain/ServedVersion';
import type { TensorSpec } from '../domain/tensor';

/** Names of the model formats in the Open Inference Protocol. */
const PLATFORMS: Record<ServedVersion['kind'], string> = {
  tensors: 'onnx_onnxv1',
  language: 'greenroom_language',
};
const NO_TENSORS = { inputs: [], outputs: [] };

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
  const { inputs, outputs } =
    served.kind === 'tensors' ? served.signature : NO_TENSORS;
  return {
    name: route.model,
    versions: route.versions.map(({ version }) => String(version)),
    platform: PLATFORMS[served.kind],
    inputs,
    outputs,
    properties: { version: String(served.version), digest: served.digest },
  };
}
