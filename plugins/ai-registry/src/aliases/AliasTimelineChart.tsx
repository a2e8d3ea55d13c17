import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { formatMoment } from '@greenroom/ai-react';
import { versionRouteRef } from '../routes';
import type { AliasSpan, AliasTimeline } from './aliasTimeline';
import styles from './AliasTimelineChart.module.css';

/** Share of the width that a label needs. */
const LABEL_PERCENT = 4;

export interface AliasTimelineChartProps {
  /** Name of the model. */
  model: string;
  timeline: AliasTimeline;
}

/** Lanes of aliases; a bar for each stretch of time in which one pointed at a version, leading to that version. */
export function AliasTimelineChart(props: AliasTimelineChartProps) {
  const { model, timeline } = props;
  const { startMillis, endMillis, lanes } = timeline;
  const versionLink = useRouteRef(versionRouteRef);
  const range = Math.max(1, endMillis - startMillis);
  const percent = (millis: number) => ((millis - startMillis) / range) * 100;

  return (
    <div className={styles.root}>
      {lanes.map(({ alias, spans }) => (
        <div key={alias} className={styles.lane}>
          <span className={styles.alias}>{alias}</span>
          <ol className={styles.track} aria-label={`Versions of ${alias}`}>
            {spans.map(span => (
              <li
                key={span.change.validFrom}
                className={styles.span}
                data-current={span.current || undefined}
                style={{
                  left: `${percent(span.fromMillis)}%`,
                  width: `${Math.max(
                    0,
                    percent(span.toMillis) - percent(span.fromMillis),
                  )}%`,
                }}
              >
                <Link
                  standalone
                  className={styles.version}
                  href={
                    versionLink?.({
                      name: model,
                      version: String(span.version),
                    }) ?? '#'
                  }
                  title={describeSpan(span)}
                  aria-label={describeSpan(span)}
                >
                  {percent(span.toMillis) - percent(span.fromMillis) >=
                    LABEL_PERCENT && `v${span.version}`}
                </Link>
              </li>
            ))}
          </ol>
        </div>
      ))}
      <div className={styles.ends} aria-hidden="true">
        <span>{formatMoment(new Date(startMillis).toISOString())}</span>
        <span>now</span>
      </div>
    </div>
  );
}

function describeSpan({ version, change }: AliasSpan): string {
  const { validFrom, validTo, reason } = change;
  const end = validTo ? formatMoment(validTo) : 'now';
  return `v${version}, ${formatMoment(validFrom)} to ${end}: ${reason}`;
}
