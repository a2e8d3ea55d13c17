/**
 * The API servers of Kubernetes clusters, as Backstage's configuration names them. Every answer comes
 * in time, or counts as none.
 *
 * @packageDocumentation
 */
export { ClusterClient } from './ClusterClient';
export { ClusterError, statusCodeOf, toClusterError } from './ClusterError';
export { describePod } from './describePod';
export { FIELD_MANAGER, type NamedObject } from './NamedObject';
export {
  type ConfiguredCluster,
  kubeConfigOf,
  type KubernetesConfig,
  readKubernetesConfig,
} from './readClusters';
export { ResourceWatch, type ResourceWatchOptions } from './ResourceWatch';
export { shorten } from './shorten';
