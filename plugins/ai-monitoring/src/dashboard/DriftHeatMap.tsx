import { Button } from '@backstage/ui';
import { Panel, formatEffect } from '@greenroom/ai-react';
import type { DriftReport } from '@greenroom/ml-kit';
import type { DriftTimeline } from '@greenroom/plugin-ai-monitoring-common';
import { useState } from 'react';
import { heat, rankTimeline } from './driftRanking';
import { HeatLegend } from './HeatLegend';
import styles from './dashboard.module.css';

interface DriftHeatMapProps {
  timeline: DriftTimeline;
  report: DriftReport;
}

const ROWS = 12;

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
});
const clockWithDay = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** Features by time; the colour is the size of the change. */
export function DriftHeatMap({ timeline, report }: DriftHeatMapProps) {
  const [all, setAll] = useState(false);
  const ranked = rankTimeline(timeline);
  const rows = all ? ranked : ranked.slice(0, ROWS);
  const { at } = timeline;
  const { effectThreshold } = report.options;
  const spansDays =
    at.length > 1 &&
    Date.parse(at[at.length - 1]) - Date.parse(at[0]) > 86_400_000;
  const format = spansDays ? clockWithDay : clock;
  const everyLabel = Math.max(1, Math.ceil(at.length / 6));

  return (
    <Panel
      title="Drift over time"
      description={
        ranked.length > rows.length
          ? `The ${rows.length} features with the largest change, of ${ranked.length}.`
          : undefined
      }
      actions={
        ranked.length > ROWS && (
          <Button size="small" variant="secondary" onPress={() => setAll(!all)}>
            {all ? `Only the first ${ROWS}` : `All ${ranked.length}`}
          </Button>
        )
      }
    >
      {at.length === 0 ? (
        <p className={styles.subtle}>No rows were sampled in this range.</p>
      ) : (
        <div
          className={styles.heatScroll}
          role="region"
          aria-label="Drift of each feature by time"
          tabIndex={0}
        >
          <table className={styles.heatMap}>
            <thead>
              <tr>
                <th scope="col">Feature</th>
                {at.map((time, index) => (
                  <th key={time} scope="col">
                    <span
                      className={
                        index % everyLabel === 0 ? styles.tick : styles.hidden
                      }
                    >
                      {format.format(new Date(time))}
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, effect, status }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {at.map((time, index) => {
                    const value = effect[index];
                    const text =
                      value === null || value === undefined
                        ? 'not enough data'
                        : `effect ${formatEffect(value)}`;
                    return (
                      <td key={time}>
                        <span
                          className={styles.cell}
                          data-status={status[index]}
                          title={`${name}, ${format.format(
                            new Date(time),
                          )}: ${text}`}
                          style={{
                            ['--heat' as string]: `${
                              heat(value ?? 0, effectThreshold) * 100
                            }%`,
                          }}
                        >
                          <span className={styles.hidden}>{text}</span>
                        </span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <HeatLegend effectThreshold={effectThreshold} />
    </Panel>
  );
}
