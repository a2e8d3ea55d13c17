import { Link } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './views.module.css';

export interface RouteLinkProps {
  /** Undefined when the plugin behind it is switched off. */
  to: string | undefined;
  children: ReactNode;
}

/** A link to another plugin's page, or its text alone. */
export function RouteLink({ to, children }: RouteLinkProps) {
  if (to === undefined) return <>{children}</>;
  return (
    <Link href={to} className={styles.link}>
      {children}
    </Link>
  );
}
