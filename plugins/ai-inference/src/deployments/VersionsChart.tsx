import { useApi } from '@backstage/core-plugin-api';
import {
  formatMillis,
  formatRate,
  formatShare,
  Loaded,
  Panel,
  TimeSeriesChart,
  useLive,
  versionColor,
} from '@greenroom/ai-react';
import type {
  TrafficPoint,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import { comparisonApiRef } from '../api/ComparisonApi';
import styles from './deployments.module.css';

const SPAN_MILLIS = 30 * 60_000;

interface VersionsChartProps {
  environment: string;
  model: string;
}

/** The versions of the last half hour over one another: requests, failures and latency. */
export function VersionsChart({ environment, model }: VersionsChartProps) {
  const monitoring = useApi(comparisonApiRef);
  const traffic = useLive(
    signal => {
      const to = Date.now();
      return monitoring.getTraffic(
        {
          environment,
          model,
          from: new Date(to - SPAN_MILLIS).toISOString(),
          to: new Date(to).toISOString(),
        },
        { signal },
      );
    },
    [environment, model],
    { pollMillis: 5_000, keepPrevious: true },
  );
  return (
    <Panel
      title="Versions"
      description="Of the last half hour, over one another."
    >
      <Loaded live={traffic} what="the traffic" skeleton={[180]}>
        {({ items }) => (
          <div className={styles.charts}>
            <TimeSeriesChart
              title="Requests"
              unit="per second"
              formatValue={formatRate}
              series={seriesOf(items, point => point.requestsPerSecond)}
              lastUnfinished
            />
            <TimeSeriesChart
              title="Failed"
              unit="share of requests"
              axisAtLeast={0.01}
              formatValue={formatShare}
              series={seriesOf(items, point => point.serverErrorRate)}
              lastUnfinished
            />
            <TimeSeriesChart
              title="Latency"
              unit="p95"
              formatValue={formatMillis}
              series={seriesOf(items, point => point.latencyMillis?.p95)}
              lastUnfinished
            />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

/** A line a version; requests for versions that there are not are left out. */
function seriesOf(
  items: TrafficSeries[],
  value: (point: TrafficPoint) => number | undefined,
) {
  return items
    .filter(({ version }) => version > 0)
    .map(({ version, points }) => ({
      label: `v${version}`,
      color: versionColor(version),
      points: points.map(point => ({ at: point.at, value: value(point) })),
    }));
}
