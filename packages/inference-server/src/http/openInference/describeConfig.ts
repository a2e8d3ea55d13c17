import type { ServedRoute } from '../../domain/ServedRoute';
import type { TensorVersion } from '../../domain/ServedVersion';
import type { Datatype, TensorSpec } from '../../domain/tensor';

/** How Triton's configuration names the datatypes that it does not name like the protocol. */
const TYPES: Partial<Record<Datatype, string>> = { BYTES: 'TYPE_STRING' };

/** A tensor in the model configuration extension. */
interface ConfigTensor {
  name: string;
  data_type: string;
  /** Without the rows, where {@link ModelConfig.max_batch_size} says that there are any. */
  dims: number[];
}

/** What Triton's clients ask of a model's configuration; it says how the model runs here. */
export interface ModelConfig {
  name: string;
  platform: string;
  backend: string;
  version_policy: { specific: { versions: number[] } };
  /** Most rows of a request that is computed together with others; 0 where none is. */
  max_batch_size: number;
  input: ConfigTensor[];
  output: ConfigTensor[];
  dynamic_batching?: { max_queue_delay_microseconds: number };
  parameters: Record<string, { string_value: string }>;
}

/** The model configuration extension of the Open Inference Protocol, for one version. */
export function describeConfig(
  route: ServedRoute,
  served: TensorVersion,
): ModelConfig {
  const { batching, signature, placement } = served;
  const toTensor = ({ name, datatype, shape }: TensorSpec): ConfigTensor => ({
    name,
    data_type: TYPES[datatype] ?? `TYPE_${datatype}`,
    dims: batching ? shape.slice(1) : [...shape],
  });
  return {
    name: route.model,
    platform: served.isRemote ? 'ensemble' : 'onnxruntime_onnx',
    backend: served.isRemote ? '' : 'onnxruntime',
    version_policy: {
      specific: { versions: route.versions.map(({ version }) => version) },
    },
    max_batch_size: batching?.maxRows ?? 0,
    input: signature.inputs.map(toTensor),
    output: signature.outputs.map(toTensor),
    ...(batching && {
      dynamic_batching: {
        max_queue_delay_microseconds: batching.maxDelayMicros,
      },
    }),
    parameters: {
      version: { string_value: String(served.version) },
      digest: { string_value: served.digest },
      ...(placement && {
        placement: { string_value: placement.where },
        placement_reason: { string_value: placement.reason },
      }),
    },
  };
}
