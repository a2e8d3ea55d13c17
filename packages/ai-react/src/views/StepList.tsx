import {
  RiCheckboxCircleFill,
  RiCheckboxBlankCircleLine,
  RiCloseCircleFill,
  RiIndeterminateCircleLine,
  RiLoader4Line,
} from '@remixicon/react';
import { VisuallyHidden } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './views.module.css';

export interface Step {
  title: string;
  status: 'pending' | 'running' | 'done' | 'skipped' | 'failed';
  detail?: ReactNode;
}

export interface StepListProps {
  steps: Step[];
  /** What the steps lead to, for screen readers. */
  label?: string;
}

const ICONS = {
  pending: RiCheckboxBlankCircleLine,
  running: RiLoader4Line,
  done: RiCheckboxCircleFill,
  skipped: RiIndeterminateCircleLine,
  failed: RiCloseCircleFill,
};

/** Steps one below the other, and how far they are. */
export function StepList({ steps, label }: StepListProps) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map(({ title, status, detail }) => {
        const Icon = ICONS[status];
        return (
          <li
            key={title}
            className={styles.step}
            data-status={status}
            aria-current={status === 'running' ? 'step' : undefined}
          >
            <span className={styles.stepIcon} data-status={status}>
              <Icon aria-hidden="true" />
            </span>
            <span className={styles.stepTitle}>
              {title}{' '}
              {status === 'skipped' ? (
                <span>(skipped)</span>
              ) : (
                <VisuallyHidden>({status})</VisuallyHidden>
              )}
            </span>
            {detail && <span className={styles.stepDetail}>{detail}</span>}
          </li>
        );
      })}
    </ol>
  );
}
