/**
 * Control plane of inference: deployments, rollouts, snapshots for data planes, keys and
 * the playground.
 *
 * @packageDocumentation
 */
export { aiInferencePlugin as default } from './plugin';
