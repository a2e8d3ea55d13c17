import { SearchField, Switch } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './logs.module.css';

/** Pixels from the end within which somebody is at the end. */
const AT_END = 24;

/** Whether somebody who scrolls looks at the end. */
export function isAtEnd(it: {
  scrollHeight: number;
  scrollTop: number;
  clientHeight: number;
}): boolean {
  return it.scrollHeight - it.scrollTop - it.clientHeight < AT_END;
}

/** How the lines of a log are looked at. */
export function LogControls(props: {
  words: string;
  onWords(words: string): void;
  isWrapped: boolean;
  onWrapped(isWrapped: boolean): void;
  /** Others beside them. */
  children: ReactNode;
}) {
  return (
    <div className={styles.controls}>
      <SearchField
        aria-label="Search the log"
        placeholder="Only lines with"
        size="small"
        className={styles.search}
        value={props.words}
        onChange={props.onWords}
      />
      <Switch
        label="Wrap lines"
        isSelected={props.isWrapped}
        onChange={props.onWrapped}
      />
      {props.children}
    </div>
  );
}
