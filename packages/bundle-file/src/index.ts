/**
 * The list of files that a version of a model or a dataset is made of.
 *
 * @packageDocumentation
 */
export {
  BundleError,
  bundleBytes,
  checkBundle,
  MAX_BUNDLE_FILES,
  type Bundle,
  type BundleFile,
} from './bundle';
export {
  DATASET_COLUMN_TYPES,
  DATASET_FORMATS,
  DATASET_SCHEMA_FILE,
  datasetFileName,
  datasetFilesOf,
  datasetSchema,
  encodeDatasetSchema,
  MAX_COLUMN_NAME_CHARACTERS,
  MAX_DATASET_COLUMNS,
  MAX_DATASET_SCHEMA_BYTES,
  parseDatasetSchema,
  type DatasetColumn,
  type DatasetColumnType,
  type DatasetFormat,
  type DatasetSchema,
} from './dataset';
export {
  CONNECTION_NAME_PATTERN,
  DESCRIPTOR_FILE,
  descriptorFileOf,
  descriptorSchema,
  EXTERNAL_TASKS,
  MAX_DESCRIPTOR_BYTES,
  parseDescriptor,
  REMOTE_DATATYPES,
  TENSOR_PROTOCOLS,
  type ExternalDescriptor,
} from './descriptor';
export { encodeBundle, MAX_ENCODED_BYTES, parseBundle } from './encodeBundle';
export { explainPath } from './explainPath';
export { formatOfFiles } from './formatOfFiles';
export { onnxFileOf } from './onnxFileOf';
