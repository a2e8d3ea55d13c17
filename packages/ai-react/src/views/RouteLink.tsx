import { Link } from '@backstage/ui';
import type { ReactNode } from 'react';

export interface RouteLinkProps {
  /** Undefined when the plugin behind it is switched off. */
  to: string | undefined;
  children: ReactNode;
}

/** A link to another plugin's page, or its text alone. */
export function RouteLink({ to, children }: RouteLinkProps) {
  return to === undefined ? <>{children}</> : <Link href={to}>{children}</Link>;
}
