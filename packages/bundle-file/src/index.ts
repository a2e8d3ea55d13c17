/**
 * The list of files that a model version is made of.
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
  CONNECTION_NAME_PATTERN,
  DESCRIPTOR_FILE,
  descriptorFileOf,
  descriptorSchema,
  EXTERNAL_TASKS,
  MAX_DESCRIPTOR_BYTES,
  parseDescriptor,
  type ExternalDescriptor,
} from './descriptor';
export { encodeBundle, MAX_ENCODED_BYTES, parseBundle } from './encodeBundle';
export { explainPath } from './explainPath';
export { onnxFileOf } from './onnxFileOf';
