import {
  formatMillis,
  formatRate,
  formatShare,
  Panel,
  seriesColor,
  TimeSeriesChart,
} from '@greenroom/ai-react';
import type {
  Hole,
  Marker,
  TimeRange,
  TrafficPoint,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import { describeLoss } from './HolesNote';
import { requestLines } from './requestLines';
import type { Scope } from './useDashboard';
import styles from './dashboard.module.css';

interface TrafficSectionProps {
  scope: Scope;
  range: TimeRange;
  series: TrafficSeries[];
  markers: Marker[];
  holes: Hole[];
  /** Version whose errors and latency are shown; the rate shows all. */
  version: number | undefined;
}

/** Requests, errors and latency over time, with what happened to the model. */
export function TrafficSection(props: TrafficSectionProps) {
  const { scope, range, series, holes, version } = props;
  const markers = [...props.markers, ...holes.map(toMarker)];
  const shown = series.find(item => item.version === version);
  const common = {
    markers,
    range,
    lastUnfinished: true,
    syncKey: `${scope.environment}/${scope.model}`,
  };
  const line = (value: (point: TrafficPoint) => number | undefined) =>
    (shown?.points ?? []).map(point => ({ at: point.at, value: value(point) }));
  const isLimited = shown?.points.some(({ limitedRate }) => limitedRate);
  const ofVersion = version === undefined ? '' : ` of version ${version}`;

  return (
    <div className={styles.charts}>
      <Panel title="Traffic" className={styles.wide}>
        <TimeSeriesChart
          {...common}
          title="Requests"
          unit="per second, by version"
          height={200}
          formatValue={formatRate}
          series={requestLines(series)}
          emptyText="No requests in this range. Send one from the playground, or choose a longer range."
        />
      </Panel>
      <Panel title={`Latency${ofVersion}`}>
        <TimeSeriesChart
          {...common}
          title="Time to answer"
          unit="quantiles"
          formatValue={formatMillis}
          series={[
            {
              label: 'p50',
              color: seriesColor(1),
              points: line(point => point.latencyMillis?.p50),
            },
            {
              label: 'p95',
              color: seriesColor(5),
              points: line(point => point.latencyMillis?.p95),
            },
            {
              label: 'p99',
              color: seriesColor(2),
              points: line(point => point.latencyMillis?.p99),
            },
          ]}
        />
      </Panel>
      {shown?.points.some(point => point.tokensPerSecond) && (
        <Panel title={`Tokens${ofVersion}`}>
          <TimeSeriesChart
            {...common}
            title="Tokens"
            unit="per second"
            formatValue={formatRate}
            series={[
              {
                label: 'of requests',
                color: seriesColor(1),
                points: line(point => point.tokensPerSecond?.input),
              },
              {
                label: 'of answers',
                color: seriesColor(5),
                points: line(point => point.tokensPerSecond?.output),
              },
            ]}
          />
        </Panel>
      )}
      {shown?.points.some(point => point.fallbackRate !== undefined) && (
        <Panel title={`In the place of other models${ofVersion}`}>
          <TimeSeriesChart
            {...common}
            title="Answered for a model that could not"
            unit="share of requests"
            axisAtLeast={0.01}
            formatValue={formatShare}
            series={[
              {
                label: 'for other models',
                color: seriesColor(4),
                points: line(point => point.fallbackRate),
              },
            ]}
          />
        </Panel>
      )}
      <Panel title={`Errors${ofVersion}`}>
        <TimeSeriesChart
          {...common}
          title="Refused or failed"
          unit="share of requests"
          axisAtLeast={0.01}
          formatValue={formatShare}
          series={[
            {
              label: 'failed (5xx, or 429 of a provider)',
              color: seriesColor(2),
              points: line(point => point.serverErrorRate),
            },
            {
              label: 'bad requests (4xx)',
              color: seriesColor(7),
              points: line(point => point.clientErrorRate),
            },
            ...(isLimited
              ? [
                  {
                    label: "over a key's limit",
                    color: seriesColor(4),
                    points: line(point => point.limitedRate),
                  },
                ]
              : []),
          ]}
        />
      </Panel>
    </div>
  );
}

/** A hole at its beginning, among what happened. */
function toMarker(hole: Hole) {
  return {
    at: hole.from,
    kind: 'records-missing',
    title: `${describeLoss(hole)} missing from here`,
  };
}
