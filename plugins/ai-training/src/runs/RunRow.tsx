import {
  formatDuration,
  formatMetric,
  LastingTime,
  RelativeTime,
} from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { memo } from 'react';
import { Link } from 'react-router-dom';
import { type Field, fieldId, valueOf } from './fields';
import { isGoingOn } from './runList';
import { RunStatusPill } from './RunStatusPill';
import { secondsOf, startOf } from './runTimes';
import styles from './runs.module.css';

export interface RunRowProps {
  run: Run;
  /** Its place in the whole table, from 1; the head is the first. */
  number: number;
  fields: Field[];
  isSelected: boolean;
  /** Address of its page; undefined where that is not mounted. */
  href: string | undefined;
  onToggle(id: string): void;
}

/** A run in the table; drawn again only when what it shows changes. */
export const RunRow = memo(
  function Row(props: RunRowProps) {
    const { run, number, fields, isSelected, href, onToggle } = props;
    const seconds = secondsOf(run);
    return (
      <tr aria-rowindex={number} data-selected={isSelected || undefined}>
        <td className={styles.select}>
          <input
            type="checkbox"
            aria-label={`Select ${run.name}`}
            checked={isSelected}
            onChange={() => onToggle(run.id)}
          />
        </td>
        <th scope="row" className={styles.name}>
          {/* Not Backstage UI's: it takes ten times as long, and rows come by the dozen as one scrolls. */}
          <Link className={styles.link} to={href ?? '#'}>
            {run.name}
          </Link>
        </th>
        <td>
          <RunStatusPill run={run} />
        </td>
        <td>
          <RelativeTime at={startOf(run)} />
        </td>
        <td>
          {seconds !== undefined && formatDuration(seconds)}
          {seconds === undefined && isGoingOn(run) && (
            <LastingTime at={startOf(run)} />
          )}
        </td>
        {fields.map(field => {
          const value = valueOf(run, field);
          return (
            <td
              key={fieldId(field)}
              data-number={field.kind === 'metrics' || undefined}
              title={value === undefined ? undefined : String(value)}
            >
              {field.kind === 'metrics' && typeof value === 'number'
                ? formatMetric(value)
                : value}
            </td>
          );
        })}
        <td />
      </tr>
    );
  },
  (before, after) =>
    before.run === after.run &&
    before.number === after.number &&
    before.fields === after.fields &&
    before.isSelected === after.isSelected &&
    before.href === after.href &&
    before.onToggle === after.onToggle,
);
