import { BundleError, type Bundle, type BundleFile } from './bundle';

const USUAL_NAME = 'model.onnx';

/**
 * The model among the files of a bundle of format `onnx`: `model.onnx`, or the only file that
 * ends in `.onnx`.
 *
 * @throws BundleError when there is none, or more than one without that name
 */
export function onnxFileOf({ files }: Bundle): BundleFile {
  const usual = files.find(({ path }) => path === USUAL_NAME);
  if (usual) return usual;
  const models = files.filter(({ path }) => /\.onnx$/i.test(path));
  if (models.length === 1) return models[0];
  throw new BundleError(
    models.length === 0
      ? `The bundle has no ONNX file: name the model ${USUAL_NAME}`
      : `The bundle has ${models.length} ONNX files ('${models[0].path}', '${models[1].path}'): name the one to serve ${USUAL_NAME}`,
  );
}
