/**
 * A real control plane of Kubernetes on this machine, for tests.
 *
 * @packageDocumentation
 */
export { EndpointBalancer } from './EndpointBalancer';
export { freePorts } from './freePorts';
export type { Identity } from './identities';
export { TestCluster, type TestClusterOptions } from './TestCluster';
export { TestKubelet, type TestKubeletOptions } from './TestKubelet';
export { reach } from './reach';
export type { TestImage } from './TestImage';
export { type ApiAnswer, ServedApi } from './ServedApi';
export { TestKueue } from './TestKueue';
export { TestTrainer } from './TestTrainer';
