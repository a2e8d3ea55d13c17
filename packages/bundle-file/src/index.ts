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
export { encodeBundle, MAX_ENCODED_BYTES, parseBundle } from './encodeBundle';
export { explainPath } from './explainPath';
export { onnxFileOf } from './onnxFileOf';
