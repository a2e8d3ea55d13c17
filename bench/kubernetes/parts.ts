/** What the benchmark takes of the product and of its tests, built as one file before it runs. */
export { ClusterClient } from '../../packages/cluster-client/src/ClusterClient';
export { TestCluster } from '../../packages/test-cluster/src/TestCluster';
export { KubernetesDeployer } from '../../plugins/ai-inference-backend/src/adapters/kubernetes/KubernetesDeployer';
