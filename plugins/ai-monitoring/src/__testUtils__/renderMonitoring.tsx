import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import aiMonitoringPlugin from '..';
// Pages are loaded lazily; loaded ahead, they do not use up a test's patience.
import '../MonitoringRouter';

export const MONITORING_URL = 'http://localhost:7007/api/ai-monitoring';
export const REGISTRY_URL = 'http://localhost:7007/api/ai-registry';

/** Renders the whole plugin with its real clients, as it is installed in a portal. */
export function renderMonitoring({ path }: { path: string }) {
  return renderTestApp({
    features: [aiMonitoringPlugin],
    initialRouteEntries: [path],
    apis: [mockApis.discovery({ baseUrl: 'http://localhost:7007' })],
  });
}
