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

/** The protocol's tensors are of a name, a datatype and a shape only. */
function withoutLabels({ name, datatype, shape }: TensorSpec): TensorSpec {
  return { name, datatype, shape };
}

/** What the places of an output's last dimension are called, as a JSON list of texts. */
function labelsOf(outputs: readonly TensorSpec[]): Record<string, string> {
  return Object.fromEntries(
    outputs.flatMap(({ name, labels }) =>
      labels ? [[`labels.${name}`, JSON.stringify(labels)]] : [],
    ),
  );
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
    inputs: inputs.map(withoutLabels),
    outputs: outputs.map(withoutLabels),
    properties: {
      version: String(served.version),
      digest: served.digest,
      ...labelsOf(outputs),
    },
  };
}
