/** What the drills take of the tests' cluster, built as one file before they run. */
export { EndpointBalancer } from '../../../packages/test-cluster/src/EndpointBalancer';
export { LogServer } from '../../../packages/test-cluster/src/LogServer';
export { TestCluster } from '../../../packages/test-cluster/src/TestCluster';
export { TestKubelet } from '../../../packages/test-cluster/src/TestKubelet';
export { WrittenLog } from '../../../packages/test-cluster/src/WrittenLog';
