import { OnnxFileError } from './OnnxFileError';
import type { ExternalData } from './readExternalData';

/** Runtimes take this as an address in their own memory, not as a file. */
const MEMORY_ADDRESS = '_ORT_MEM_ADDR_';

/**
 * Holds the weights that lie outside an ONNX file against the files that came with it: nothing
 * else on the machine may be read as weights.
 *
 * @param modelPath - of the ONNX file among `files`
 * @throws OnnxFileError that names the tensor and the file
 */
export function checkExternalData(options: {
  external: readonly ExternalData[];
  modelPath: string;
  files: readonly { path: string; sizeBytes: number }[];
}): void {
  const { external, modelPath, files } = options;
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const folder = modelPath.slice(0, modelPath.lastIndexOf('/') + 1);
  for (const { tensor, location, ...place } of external) {
    const path = folder + location.replace(/^(?:\.\/)+/, '');
    const sizeBytes = sizes.get(path);
    if (
      sizeBytes === undefined ||
      path === modelPath ||
      location.includes(MEMORY_ADDRESS)
    ) {
      throw new OnnxFileError(
        `The weights '${tensor}' lie in the file '${location}', which is not among the files of this version: add it to the bundle as '${path}', or save the model as one file (onnx.save_model with save_as_external_data=False)`,
      );
    }
    const { offsetBytes, lengthBytes = 0 } = place;
    if (offsetBytes + lengthBytes > sizeBytes) {
      throw new OnnxFileError(
        `The weights '${tensor}' end at byte ${
          offsetBytes + lengthBytes
        } of '${path}', which has ${sizeBytes}: add the file that was saved with the model`,
      );
    }
  }
}
