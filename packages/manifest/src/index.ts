/**
 * The manifest of a model in an environment.
 *
 * @packageDocumentation
 */
export { checkPlan } from './checkPlan';
export { findVersionFaults, variantsOf } from './claimedVersions';
export { lineOfField } from './lineOfField';
export { ManifestError, type ManifestFault } from './ManifestError';
export { manifestJsonSchema, SCHEMA_FILE } from './manifestJsonSchema';
export {
  manifestPath,
  type ManifestPlace,
  MANIFESTS_FOLDER,
  parseManifestPath,
} from './manifestPath';
export { API_VERSION_1 } from './manifestV1';
export { API_VERSION_2, type Manifest, type ManifestSpec } from './manifestV2';
export { parseManifest } from './parseManifest';
export { printManifest } from './printManifest';
export { readManifestFile, type ManifestFile } from './readManifestFile';
export { parseRolloutPlan, planOf, rolloutOf } from './rolloutPlan';
export {
  messagesOf,
  type PromptSetRow,
  toPromptRows,
} from './scorers/promptRows';
export {
  checkRowsFit,
  type CompiledScorer,
  compileScorers,
} from './scorers/scorers';
export { TookTooLongError } from './scorers/withinMillis';
export { asPromptScorers } from './sections/evaluation';
export {
  parseTrainingTemplate,
  TEMPLATE_PATH,
  TEMPLATE_SCHEMA_FILE,
  trainingTemplateJsonSchema,
} from './training/parseTrainingTemplate';
export { MAX_MANIFEST_BYTES } from './yamlText';
