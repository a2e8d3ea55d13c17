/** What the drill takes of the tests' cluster, built as one file before it runs. */
export { EndpointBalancer } from '../../../packages/test-cluster/src/EndpointBalancer';
export { TestCluster } from '../../../packages/test-cluster/src/TestCluster';
export { TestKubelet } from '../../../packages/test-cluster/src/TestKubelet';
