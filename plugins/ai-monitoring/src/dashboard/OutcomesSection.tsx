import {
  formatNumber,
  formatShare,
  Loaded,
  Panel,
  PlainTable,
  TimeSeriesChart,
  versionColor,
} from '@greenroom/ai-react';
import type {
  ExpectedAccuracy,
  OutcomeCounts,
  OutcomeLosses,
  RealisedQuality,
  TimeRange,
} from '@greenroom/plugin-ai-monitoring-common';
import { expectedLines, outcomeSeries } from './outcomeSeries';
import { type Scope, useOutcomes } from './useDashboard';
import styles from './dashboard.module.css';

/** What became of requests, as their callers said, beside what was expected; nothing where neither is known. */
export function OutcomesSection({ scope }: { scope: Scope }) {
  const outcomes = useOutcomes(scope);
  return (
    <Loaded live={outcomes} what="the outcomes" skeleton={[]}>
      {value =>
        value.items.length === 0 &&
        value.expected.length === 0 &&
        lostOf(value.lost) === 0 ? null : (
          <Outcomes {...value} />
        )
      }
    </Loaded>
  );
}

function Outcomes(props: {
  items: OutcomeCounts[];
  lost: OutcomeLosses;
  quality: RealisedQuality[];
  expected: ExpectedAccuracy[];
  range: TimeRange;
}) {
  const { items, lost, quality, expected, range } = props;
  const names = [...new Set(items.map(({ name }) => name))].sort();
  const charts = names.map(name => ({ name, ...outcomeSeries(items, name) }));
  const beside = expectedLines(expected).map(({ version, points }) => ({
    label: `v${version} expected`,
    color: versionColor(version),
    dashed: true,
    points,
  }));
  return (
    <Panel
      title="What became of it"
      description="Outcomes that callers told, by the day of their requests, of the last 30 days. Expected is how often a version would be right if its own probabilities are: it needs no labels, and sees no change in what the inputs mean."
    >
      <div className={styles.charts}>
        {charts.map(({ name, isAccuracy, lines }) => (
          <TimeSeriesChart
            key={name}
            title={name}
            unit={
              isAccuracy
                ? 'share of labels that were predicted, by version'
                : 'mean, by version'
            }
            formatValue={isAccuracy ? formatShare : formatNumber}
            axisAtLeast={isAccuracy ? 1 : undefined}
            range={range}
            series={[
              ...lines.map(({ version, points }) => ({
                label: `v${version}`,
                color: versionColor(version),
                points,
              })),
              ...(isAccuracy ? beside : []),
            ]}
          />
        ))}
        {beside.length > 0 && !charts.some(({ isAccuracy }) => isAccuracy) && (
          <TimeSeriesChart
            title="Expected accuracy"
            unit="share of answers that would be right, by version"
            formatValue={formatShare}
            axisAtLeast={1}
            range={range}
            series={beside}
          />
        )}
      </div>
      {quality.length > 0 && <QualityTable quality={quality} />}
      {lostOf(lost) > 0 && <p className={styles.note}>{describeLost(lost)}</p>}
    </Panel>
  );
}

function QualityTable({ quality }: { quality: RealisedQuality[] }) {
  return (
    <PlainTable
      label="Quality of each version, as it turned out and as it was expected"
      look="rows"
      columns={[
        'Version',
        'As it turned out',
        'On held-out rows',
        'Estimate without labels',
      ]}
    >
      {quality.map(({ version, accuracy, labels, heldOut, estimate }) => (
        <tr key={version}>
          <th scope="row">{version}</th>
          <td>
            {accuracy === undefined
              ? 'no labels were told'
              : `${formatShare(accuracy)} of ${formatNumber(labels)} labels`}
          </td>
          <td>
            {heldOut
              ? `${heldOut.metric} ${formatNumber(
                  heldOut.value,
                )} on ${formatNumber(heldOut.rows)} rows of ${heldOut.dataset}`
              : 'not evaluated'}
          </td>
          <td>
            {estimate.isKnown
              ? `${formatShare(estimate.accuracy)} expected of ${formatNumber(
                  estimate.predictions,
                )} requests`
              : estimate.reason}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

function lostOf(lost: OutcomeLosses): number {
  return lost.duplicate + lost.unmatched + lost.late + lost.shed;
}

function describeLost(lost: OutcomeLosses): string {
  const parts: [number, string][] = [
    [lost.unmatched, 'named no request that is known'],
    [lost.duplicate, 'came a second time'],
    [lost.late, 'came too late'],
    [lost.shed, 'requests were not kept, since there were too many'],
  ];
  return `Not counted: ${parts
    .filter(([count]) => count > 0)
    .map(([count, why]) => `${formatNumber(count)} ${why}`)
    .join(', ')}.`;
}
