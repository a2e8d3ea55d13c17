import { DESCRIPTOR_FILE } from './descriptor';

/** Has a folder of MLflow at its root. */
const MLMODEL_FILE = 'MLmodel';

/**
 * What a folder with a model is, by the paths of its files: a descriptor alone is a provider's model, a folder of
 * MLflow without a model in ONNX is one of MLflow, everything else is one in ONNX.
 */
export function formatOfFiles(
  paths: readonly string[],
): 'external' | 'mlflow' | 'onnx' {
  if (paths.length === 1 && paths[0] === DESCRIPTOR_FILE) return 'external';
  // One with a model in ONNX is served, whatever else is in it.
  return paths.includes(MLMODEL_FILE) &&
    !paths.some(path => /\.onnx$/i.test(path))
    ? 'mlflow'
    : 'onnx';
}
