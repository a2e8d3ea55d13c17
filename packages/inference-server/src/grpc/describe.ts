import type { ServedRoute } from '../domain/ServedRoute';
import type { ServedVersion, TensorVersion } from '../domain/ServedVersion';
import type { Tensor } from '../domain/tensor';
import { describeModel } from '../http/describeModel';
import { toBinary } from '../http/openInference/binaryTensors';
import { typeOf } from './protocol';

const inferResponse = typeOf('ModelInferResponse');

/** An answer with its values raw, which all clients read. */
export function toInferResponse(
  served: Pick<TensorVersion, 'model' | 'version'>,
  id: string | undefined,
  outputs: readonly Tensor[],
): object {
  // A message already, which is written as it is.
  return inferResponse.create({
    model_name: served.model,
    model_version: String(served.version),
    id: id ?? '',
    outputs: outputs.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape,
    })),
    raw_output_contents: outputs.map(toBinary),
  });
}

export function toMetadataResponse(
  route: ServedRoute,
  served: ServedVersion,
): object {
  const { properties, ...metadata } = describeModel(route, served);
  return { ...metadata, properties };
}
