import { Link, Text } from '@backstage/ui';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  DataTable,
  EmptyState,
  formatDifference,
  formatMetric,
  Panel,
  StatusPill,
} from '@greenroom/ai-react';
import type {
  ModelVersion,
  VersionComparison,
} from '@greenroom/plugin-ai-registry-common';
import { versionRouteRef } from '../routes';
import { DescriptorChangePanel } from '../versions/DescriptorChangePanel';
import { AliasTags } from '../view/AliasTags';
import { IntervalChart } from '../view/IntervalChart';
import styles from './ComparisonView.module.css';

/** What differs between two versions. */
export function ComparisonView(props: { comparison: VersionComparison }) {
  const { base, candidate, metrics, paired, otherPaired, signature, tags } =
    props.comparison;
  const columns = [`Version ${base.version}`, `Version ${candidate.version}`];
  return (
    <div className={styles.page}>
      <VersionSummary title="Base" version={base} />
      <VersionSummary title="Candidate" version={candidate} />
      {(base.external || candidate.external) && (
        <div className={styles.wide}>
          <DescriptorChangePanel base={base} candidate={candidate} />
        </div>
      )}
      <div className={styles.wide}>
        <Panel title="Metrics">
          {metrics.length === 0 ? (
            <EmptyState
              title="No metrics"
              description="Neither version was registered with an evaluation."
            />
          ) : (
            <DataTable
              caption="Metrics of both versions"
              columns={['Metric', ...columns, 'Difference', 'Verdict']}
              rows={metrics.map(metric => [
                metric.name,
                formatMetric(metric.base),
                formatMetric(metric.candidate),
                formatDifference(metric.difference),
                <MetricVerdict
                  key={metric.name}
                  better={metric.better}
                  difference={metric.difference}
                />,
              ])}
            />
          )}
          {paired ? (
            [paired, ...(otherPaired ?? [])].map(one => (
              <IntervalChart key={one.metric} paired={one} />
            ))
          ) : (
            <Text as="p" color="secondary">
              The versions were not evaluated on the same rows, so that there is
              no interval for their difference.
            </Text>
          )}
        </Panel>
      </div>
      <SignatureComparisonPanel signature={signature} />
      <Panel title="Tags">
        {tags.length === 0 ? (
          <Text as="p" color="secondary">
            Neither version has tags.
          </Text>
        ) : (
          <DataTable
            caption="Tags of both versions"
            columns={['Tag', ...columns]}
            rows={tags.map(tag => [
              tag.base === tag.candidate ? tag.key : <b key="key">{tag.key}</b>,
              tag.base ?? '–',
              tag.candidate ?? '–',
            ])}
          />
        )}
      </Panel>
    </div>
  );
}

function SignatureComparisonPanel(props: {
  signature: VersionComparison['signature'];
}) {
  const { compatible, differences, notComparable } = props.signature;
  const summary =
    notComparable ??
    (differences.length === 0
      ? 'Both take and give the same tensors.'
      : undefined);
  return (
    <Panel title="Signature">
      <div>
        <StatusPill tone={compatible ? 'good' : 'bad'}>
          {compatible ? 'Compatible' : 'Not compatible'}
        </StatusPill>
      </div>
      {summary && (
        <Text as="p" color="secondary">
          {summary}
        </Text>
      )}
      {differences.length > 0 && (
        <ul className={styles.differences}>
          {differences.map(difference => (
            <li key={difference}>{difference}</li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function MetricVerdict(props: { better?: boolean; difference?: number }) {
  const { better, difference } = props;
  if (difference === 0) return <StatusPill tone="neutral">same</StatusPill>;
  if (better === undefined) return <>–</>;
  return (
    <StatusPill tone={better ? 'good' : 'bad'}>
      {better ? 'better' : 'worse'}
    </StatusPill>
  );
}

function VersionSummary(props: { title: string; version: ModelVersion }) {
  const { title, version } = props;
  const versionLink = useRouteRef(versionRouteRef);
  return (
    <article className={styles.summary} aria-label={title}>
      <span className={styles.role}>{title}</span>
      <Link
        href={
          versionLink?.({
            name: version.model,
            version: String(version.version),
          }) ?? '#'
        }
        variant="title-x-small"
        weight="bold"
        standalone
      >
        {`Version ${version.version}`}
      </Link>
      <AliasTags aliases={version.aliases} />
      <p className={styles.description}>
        {version.description || 'No description.'}
      </p>
    </article>
  );
}
