/** What the benchmark takes of the product and of its tests, built as one file before it runs. */
export { TestCluster } from '../../packages/test-cluster/src/TestCluster';
export { ClusterClient } from '../../plugins/ai-inference-backend/src/adapters/kubernetes/ClusterClient';
export { KubernetesDeployer } from '../../plugins/ai-inference-backend/src/adapters/kubernetes/KubernetesDeployer';
