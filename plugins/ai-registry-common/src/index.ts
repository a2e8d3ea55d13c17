/**
 * Types, permissions and typed client of the model registry.
 *
 * @packageDocumentation
 */
export * from './alias';
export * from './audit';
export * from './catalog';
export * from './client';
export * from './compareDescriptors';
export * from './connection';
export * from './dataset';
export * from './datasetUri';
export * from './environment';
export * from './evaluationRun';
export * from './events';
export * from './metricInterval';
export * from './newestEvaluations';
export * from './model';
export * from './overview';
export * from './permissions';
export * from './PluginApi';
export * from './promotion';
export * from './rolloutSteps';
export * from './search';
export * from './serviceToken';
export * from './signature';
export * from './version';
export type {
  Bundle,
  BundleFile,
  DatasetColumn,
  DatasetColumnType,
  DatasetFormat,
  ExternalDescriptor,
} from '@greenroom/bundle-file';
