import type { NavContentNavItem } from '@backstage/plugin-app-react';
import styles from './Navigation.module.css';
import { NavigationLink } from './NavigationLink';

interface NavigationListProps {
  /** Heading for those who listen; the eye sees a gap. */
  label: string;
  items: NavContentNavItem[];
}

/** Pages that belong together. */
export function NavigationList({ label, items }: NavigationListProps) {
  if (items.length === 0) return null;
  return (
    <ul className={styles.list} aria-label={label}>
      {items.map(({ href, title, icon }) => (
        <li key={href}>
          <NavigationLink href={href} title={title} icon={icon} />
        </li>
      ))}
    </ul>
  );
}
