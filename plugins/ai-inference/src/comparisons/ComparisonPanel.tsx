import { useApi } from '@backstage/core-plugin-api';
import { Button, Text } from '@backstage/ui';
import {
  formatMillis,
  formatNumber,
  formatShare,
  Loaded,
  Panel,
  PlainTable,
  RelativeTime,
  StatusPill,
  type StatusTone,
  useLive,
} from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type ComparisonReport,
  type WindowUpdatedSignal,
} from '@greenroom/plugin-ai-monitoring-common';
import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { comparisonApiRef } from '../api/ComparisonApi';
import { EffectChart } from './EffectChart';
import { MetricTable } from './MetricTable';
import { PlanList } from './PlanList';
import styles from './comparisons.module.css';

const POLL_MILLIS = 10_000;
const ENDED_POLL_MILLIS = 60_000;
const SPACING_MILLIS = 3_000;
/** Its points are ten seconds apart at least. */
const HISTORY_SPACING_MILLIS = 10_000;

/** Signals carry JSON, so the type is an intersection with a plain object. */
type Message = WindowUpdatedSignal &
  Record<string, string | string[] | number[]>;

/** How versions that share the traffic compare: what is decided by, and how sure it is. */
export function ComparisonPanel({ comparison }: { comparison: Comparison }) {
  const monitoring = useApi(comparisonApiRef);
  const { id, isShadow, endedAt, environment, model } = comparison;
  const options = {
    // One that has ended changes only by records that come late.
    ...(endedAt === undefined && { channel: SIGNAL_CHANNEL }),
    matches: (message: Message) =>
      message.model === model && message.environment === environment,
    pollMillis: endedAt === undefined ? POLL_MILLIS : ENDED_POLL_MILLIS,
    spacingMillis: SPACING_MILLIS,
    keepPrevious: true,
  };
  const report = useLive(
    signal => monitoring.getComparison(id, { signal }),
    [id, endedAt],
    options,
  );
  const history = useLive(
    signal => monitoring.getComparisonHistory(id, { signal }),
    [id, endedAt],
    { ...options, spacingMillis: HISTORY_SPACING_MILLIS },
  );
  return (
    <Panel
      title={isShadow ? 'Shadow' : 'Comparison'}
      description={
        isShadow
          ? 'Copies of requests that the new version answered, whose answers nobody gets.'
          : 'What versions do for callers who were assigned to them by chance, at these shares.'
      }
      actions={<ExportButton id={id} />}
    >
      <Loaded live={report} what="the comparison" skeleton={[40, 120, 120]}>
        {value => (
          <div className={styles.comparison}>
            <Verdict report={value} isOver={endedAt !== undefined} />
            <Versions report={value} />
            {value.metrics.length > 0 && (
              <MetricTable
                title="What decides"
                metrics={value.metrics}
                chances={value.chanceToBeBest}
              />
            )}
            {value.guardrails.length > 0 && (
              <MetricTable
                title="What must not get worse"
                metrics={value.guardrails}
              />
            )}
            {history.value && (
              <EffectChart report={value} history={history.value} />
            )}
            <PlanList report={value} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

const TONES: Record<ComparisonReport['verdict']['kind'], [StatusTone, string]> =
  {
    'take-back': ['bad', 'To be taken back'],
    better: ['good', 'Better'],
    'not-worse': ['good', 'Not worse'],
    undecided: ['neutral', 'Undecided'],
  };

function Verdict(props: { report: ComparisonReport; isOver: boolean }) {
  const { report, isOver } = props;
  const [tone, text] = TONES[report.verdict.kind];
  return (
    <div>
      <p className={styles.verdict}>
        <span aria-live="polite">
          <StatusPill tone={tone}>{text}</StatusPill>
        </span>{' '}
        {report.verdict.reason}
      </p>
      {report.sampleRatio.isMismatch && (
        <p className={styles.warning} role="alert">
          Callers did not come to the versions in the planned shares (p ={' '}
          {formatNumber(report.sampleRatio.pValue ?? 0)}): assignment or
          recording is broken, and no result can be trusted.
        </p>
      )}
      <Text as="p" variant="body-small" color="secondary">
        {isOver ? 'Ended' : 'As of'} <RelativeTime at={report.asOf} />, begun{' '}
        <RelativeTime at={report.startedAt} />
        {!report.sampleRatio.isMismatch &&
          report.sampleRatio.pValue !== undefined &&
          ` · callers came as planned (p = ${formatNumber(
            report.sampleRatio.pValue,
          )})`}
        {report.uncounted > 0 &&
          ` · ${formatNumber(report.uncounted)} records could not be counted`}
        {report.copiesLeftOut > 0 &&
          ` · ${formatNumber(report.copiesLeftOut)} copies were left out`}
        {report.countedUnitsShare !== undefined &&
          ` · ${formatShare(
            report.countedUnitsShare,
          )} of the callers are counted`}
      </Text>
    </div>
  );
}

function Versions({ report }: { report: ComparisonReport }) {
  return (
    <PlainTable
      label="Versions that are compared"
      look="numbers"
      columns={['Version', 'Share', 'Callers', 'Requests', 'p50', 'p95', 'p99']}
    >
      {report.versions.map(version => (
        <tr key={version.version}>
          <th scope="row">
            {version.version}
            {version.isControl && (
              <span className={styles.subtle}> control</span>
            )}
          </th>
          <td>{version.sharePercent} %</td>
          <td>{formatNumber(version.units)}</td>
          <td>{formatNumber(version.requests)}</td>
          {(['p50', 'p95', 'p99'] as const).map(quantile => (
            <td key={quantile}>
              {version.latencyMillis
                ? formatMillis(version.latencyMillis[quantile])
                : '–'}
            </td>
          ))}
        </tr>
      ))}
    </PlainTable>
  );
}

function ExportButton({ id }: { id: string }) {
  const monitoring = useApi(comparisonApiRef);
  const [state, download] = useAsyncFn(async () => {
    const csv = await monitoring.getComparisonCsv(id);
    const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `comparison-${id}.csv`;
    link.click();
    URL.revokeObjectURL(url);
  }, [monitoring, id]);
  return (
    <>
      <Button
        size="small"
        variant="secondary"
        isPending={state.loading}
        onPress={download}
      >
        Export CSV
      </Button>
      {state.error && (
        <span role="alert" className={styles.warning}>
          {state.error.message}
        </span>
      )}
    </>
  );
}
