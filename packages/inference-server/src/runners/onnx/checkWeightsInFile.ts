import { checkExternalData, readExternalData } from '@greenroom/onnx-file';
import { withFile } from '../withFile';

/**
 * Looks whether an ONNX file takes weights from files that did not come with it: the runtime
 * would read any file of the machine as weights.
 *
 * @throws OnnxFileError that names the weights and the file
 */
export async function checkWeightsInFile(
  file: string,
  surroundings: {
    /** Of the ONNX file among `files`. */
    modelPath: string;
    files: readonly { path: string; sizeBytes: number }[];
  },
): Promise<void> {
  const external = await withFile(file, readExternalData);
  checkExternalData({ external, ...surroundings });
}
