/**
 * Control plane of inference: deployments, rollouts, snapshots for data planes, keys and
 * the playground.
 *
 * @packageDocumentation
 */
export * from './permissions/deploymentPermissions';
export { aiInferencePlugin as default } from './plugin';
