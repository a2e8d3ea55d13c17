/**
 * A real control plane of Kubernetes on this machine, for tests.
 *
 * @packageDocumentation
 */
export { freePorts } from './freePorts';
export type { Identity } from './identities';
export { TestCluster, type TestClusterOptions } from './TestCluster';
