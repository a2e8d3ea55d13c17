export { API_VERSION_2, type Manifest, type ManifestSpec } from './manifestV2';
export { API_VERSION_1 } from './manifestV1';
export { manifestJsonSchema, SCHEMA_FILE } from './manifestJsonSchema';
export {
  manifestPath,
  type ManifestPlace,
  MANIFESTS_FOLDER,
  parseManifestPath,
} from './manifestPath';
export { parseManifest } from './parseManifest';
export { printManifest } from './printManifest';
export { parseRolloutPlan, planOf, rolloutOf } from './rolloutPlan';
export { MAX_MANIFEST_BYTES } from './yamlText';
