import { formatMoment } from '@greenroom/ai-react';
import type { AliasTimeline } from './aliasTimeline';
import styles from './AliasTimelineChart.module.css';

/** Share of the width that a label needs. */
const LABEL_PERCENT = 4;

/** Lanes of aliases; a bar for each stretch of time in which one pointed at a version. */
export function AliasTimelineChart({ timeline }: { timeline: AliasTimeline }) {
  const { startMillis, endMillis, lanes } = timeline;
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
                title={`Version ${span.version}, ${formatMoment(
                  span.change.validFrom,
                )} to ${
                  span.change.validTo
                    ? formatMoment(span.change.validTo)
                    : 'now'
                }: ${span.change.reason}`}
              >
                {percent(span.toMillis) - percent(span.fromMillis) >=
                  LABEL_PERCENT && `v${span.version}`}
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
