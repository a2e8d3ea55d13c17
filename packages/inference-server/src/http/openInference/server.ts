export const SERVER_NAME = 'greenroom';

/** Of the Open Inference Protocol, as Triton's clients know them. */
export const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'model_repository',
  'statistics',
];
