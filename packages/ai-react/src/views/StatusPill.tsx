import {
  RiAlertLine,
  RiCheckLine,
  RiCloseCircleLine,
  RiLoader4Line,
  RiSubtractLine,
} from '@remixicon/react';
import type { ReactNode } from 'react';
import styles from './views.module.css';

export type StatusTone = 'good' | 'warning' | 'bad' | 'neutral' | 'progress';

export interface StatusPillProps {
  tone: StatusTone;
  children: ReactNode;
}

// Each tone has its own shape, so that it does not hang on colour alone.
const ICONS = {
  good: RiCheckLine,
  warning: RiAlertLine,
  bad: RiCloseCircleLine,
  neutral: RiSubtractLine,
  progress: RiLoader4Line,
};

/** A state in one or two words. */
export function StatusPill({ tone, children }: StatusPillProps) {
  const Icon = ICONS[tone];
  return (
    <span className={`${styles.pill} ${styles[tone]}`}>
      <Icon aria-hidden="true" />
      {children}
    </span>
  );
}
