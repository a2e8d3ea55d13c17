import type { ReactNode } from 'react';
import styles from './Facts.module.css';

export interface FactsProps {
  /** Facts whose value is undefined are left out. */
  facts: {
    label: string;
    value: ReactNode;
    /** Takes a row of its own. */
    wide?: boolean;
  }[];
}

/** Labelled facts in columns that fit the width. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(fact => fact.value !== undefined)
        .map(fact => (
          <div
            key={fact.label}
            className={styles.fact}
            data-wide={fact.wide || undefined}
          >
            <dt className={styles.label}>{fact.label}</dt>
            <dd className={styles.value}>{fact.value}</dd>
          </div>
        ))}
    </dl>
  );
}
