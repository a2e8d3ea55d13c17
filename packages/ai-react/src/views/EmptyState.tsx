import type { ReactNode } from 'react';
import styles from './views.module.css';

export interface EmptyStateProps {
  title: string;
  /** Why there is nothing, and what to do next. */
  description: ReactNode;
  action?: ReactNode;
}

/** Shown in the place of content that is not there yet. */
export function EmptyState({ title, description, action }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      <p className={styles.emptyTitle}>{title}</p>
      <p className={styles.emptyText}>{description}</p>
      {action}
    </div>
  );
}
