import { RiSearchLine } from '@remixicon/react';
import styles from './Navigation.module.css';

/** Opens the command palette. */
export function SearchButton({ onPress }: { onPress(): void }) {
  return (
    <button
      type="button"
      className={styles.item}
      aria-haspopup="dialog"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={onPress}
    >
      <span className={styles.icon} aria-hidden="true">
        <RiSearchLine />
      </span>
      <span className={styles.title}>Search</span>
      <kbd className={styles.keys} aria-hidden="true">
        Ctrl K
      </kbd>
    </button>
  );
}
