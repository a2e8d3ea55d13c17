import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Cell, Link, Text, useBreakpoint } from '@backstage/ui';
import {
  formatDuration,
  PersonName,
  RelativeTime,
  type ViewColumn,
  ViewTable,
} from '@greenroom/ai-react';
import {
  JOB_PHASES,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { jobRouteRef } from '../routes';
import { describeState } from './describeJob';
import { JobPhasePill } from './JobPhasePill';
import { JobProgress } from './JobProgress';
import { ranSeconds, whereOf } from './jobTimes';
import { money, shortRef } from './words';
import styles from './jobs.module.css';

/** Phases in which a reason says more than the phase. */
const WITH_REASON = ['queued', 'starting', 'stopping', 'failed', 'cancelled'];

/** Jobs at a glance: where each stands and why, how far it is, and what it costs. */
export function JobsTable({ items }: { items: TrainingJob[] }) {
  const toJob = useRouteRef(jobRouteRef);
  const narrow = useBreakpoint().down('md');
  const now = Date.now();
  const columns: ViewColumn<TrainingJob>[] = [
    {
      id: 'job',
      label: 'Job',
      sortBy: row => row.name.toLocaleLowerCase('en'),
      isRowHeader: true,
      width: '2fr',
      minWidth: 160,
      cell: row => (
        <Cell>
          <Link href={toJob?.({ id: row.id }) ?? '#'}>{row.name}</Link>
          <div className={styles.subtle}>{row.template}</div>
        </Cell>
      ),
    },
    {
      id: 'state',
      label: 'State',
      sortBy: row => JOB_PHASES.indexOf(row.state.phase),
      width: '3fr',
      minWidth: 210,
      cell: row => (
        <Cell>
          <JobPhasePill phase={row.state.phase} />
          {WITH_REASON.includes(row.state.phase) && (
            <div className={styles.reason}>
              {describeState(row.state).title}
            </div>
          )}
        </Cell>
      ),
    },
    {
      id: 'progress',
      label: 'Progress',
      sortBy: row => row.progress?.progressPercentage,
      isOptional: true,
      minWidth: 140,
      cell: row => (
        <Cell>
          <JobProgress job={row} />
        </Cell>
      ),
    },
    {
      id: 'team',
      label: 'Team',
      sortBy: row => row.team,
      isOptional: true,
      minWidth: 120,
      cell: row => (
        <Cell>
          <PersonName entityRef={row.team} />
        </Cell>
      ),
    },
    {
      id: 'where',
      label: 'Runs on',
      sortBy: whereOf,
      isOptional: true,
      isHidden: narrow,
      minWidth: 140,
      cell: row => (
        <Cell>
          <Text>{whereOf(row)}</Text>
        </Cell>
      ),
    },
    {
      id: 'submitted',
      label: 'Submitted',
      sortBy: row => row.submittedAt,
      isOptional: true,
      minWidth: 150,
      cell: row => (
        <Cell>
          <Text>
            <RelativeTime at={row.submittedAt} />
          </Text>
          <div className={styles.subtle}>by {shortRef(row.submittedBy)}</div>
        </Cell>
      ),
    },
    {
      id: 'ran',
      label: 'Ran',
      sortBy: row => ranSeconds(row, now),
      isOptional: true,
      isHidden: narrow,
      minWidth: 100,
      cell: row => {
        const seconds = ranSeconds(row, now);
        return (
          <Cell>
            <Text>{seconds === undefined ? '–' : formatDuration(seconds)}</Text>
          </Cell>
        );
      },
    },
    {
      id: 'cost',
      label: 'Cost',
      sortBy: row => row.cost?.amount,
      isOptional: true,
      isHidden: narrow,
      minWidth: 100,
      cell: row => (
        <Cell>
          <Text>
            {row.cost ? money(row.cost.amount, row.cost.currency) : '–'}
          </Text>
        </Cell>
      ),
    },
  ];
  return <ViewTable name="jobs" columns={columns} rows={items} />;
}
