import type { ReactNode } from 'react';
import { NavLink } from 'react-router-dom';
import styles from './Navigation.module.css';

interface NavigationLinkProps {
  href: string;
  title: string;
  icon: ReactNode;
  /** Something to say besides the title, such as a count. */
  badge?: ReactNode;
  onClick?(): void;
}

/** The way to one page. */
export function NavigationLink(props: NavigationLinkProps) {
  const { href, title, icon, badge, onClick } = props;
  return (
    <NavLink
      to={href}
      end={href === '/'}
      className={styles.item}
      onClick={onClick}
    >
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={styles.title}>{title}</span>
      {badge}
    </NavLink>
  );
}
