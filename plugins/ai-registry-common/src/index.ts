/**
 * Types, permissions and typed client of the model registry.
 *
 * @packageDocumentation
 */
export * from './alias';
export * from './asOf';
export * from './audit';
export * from './card';
export * from './catalog';
export * from './client';
export {
  dataPlaneObjectName,
  modelServerHost,
  modelServerObjectName,
} from './clusterNames';
export * from './commonAnalysis';
export * from './compareDescriptors';
export * from './conversion';
export * from './connection';
export * from './dataset';
export * from './datasetUri';
export * from './deprecation';
export * from './describePlan';
export type { DeployerSettings } from './deployerSettings';
export * from './environment';
export {
  DEFAULT_POD_RESOURCES,
  type KubernetesDeployerSettings,
} from './kubernetesDeployerSettings';
export * from './evaluationRun';
export * from './measurement';
export * from './events';
export * from './flavors';
export * from './gitHost';
export * from './metricInterval';
export * from './mlBom';
export * from './newestEvaluations';
export * from './model';
export type {
  ModelServerProtocol,
  ModelServerSettings,
} from './modelServerSettings';
export * from './overview';
export * from './permissions';
export * from './PluginApi';
export * from './pipeline';
export * from './podNeeds';
export * from './promotion';
export * from './rolloutSteps';
export type { RouteSettings } from './routeSettings';
export * from './search';
export * from './serviceToken';
export * from './signature';
export * from './version';
export * from './versionSearch';
export * from './versionSigning';
export * from './webhook';
export type {
  Bundle,
  BundleFile,
  DatasetColumn,
  DatasetColumnType,
  DatasetFormat,
  ExternalDescriptor,
} from '@greenroom/bundle-file';
export { trainingJobOf } from './trainingJobOf';
