/**
 * Portal pages of monitoring: the health of all models, and a dashboard each.
 *
 * @packageDocumentation
 */
export { aiMonitoringPlugin as default } from './plugin';
export { aiMonitoringApiRef } from './api/AiMonitoringApi';
export type { AiMonitoringApi } from './api/AiMonitoringApi';
