import type { V2MetricSpec } from '@kubernetes/client-node';
import type { MetricName } from '../metrics/externalMetrics';
import { ENVIRONMENT_LABEL, INSTALLATION_LABEL } from '../names';
import type { WantedDataPlane } from './WantedDataPlane';

/** What an autoscaler looks at: of several, it follows the one that asks for most pods. */
export function scaleMetrics({
  environment,
  installation,
  settings: { scaleOn },
}: WantedDataPlane): V2MetricSpec[] {
  const { cpuPercent, requestsInFlight, requestsQueued } = scaleOn;
  const requests = (name: MetricName, aPod: number | undefined) =>
    aPod === undefined
      ? []
      : [
          {
            type: 'External',
            external: {
              metric: {
                name,
                selector: {
                  matchLabels: {
                    [ENVIRONMENT_LABEL]: environment,
                    [INSTALLATION_LABEL]: installation,
                  },
                },
              },
              target: { type: 'AverageValue', averageValue: String(aPod) },
            },
          },
        ];
  return [
    ...(cpuPercent === undefined
      ? []
      : [
          {
            type: 'Resource',
            resource: {
              name: 'cpu',
              target: { type: 'Utilization', averageUtilization: cpuPercent },
            },
          },
        ]),
    ...requests('greenroom_requests_in_flight', requestsInFlight),
    ...requests('greenroom_requests_queued', requestsQueued),
  ];
}
