/**
 * Control plane of monitoring: takes records, rolls them up into windows, and reads traffic,
 * drift and health from these.
 *
 * @packageDocumentation
 */
export { aiMonitoringPlugin as default } from './plugin';
