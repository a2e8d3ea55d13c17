import { Link } from '@backstage/ui';
import type { ReactNode } from 'react';

interface RouteLinkProps {
  /** Undefined when the plugin behind it is switched off. */
  to: string | undefined;
  children: ReactNode;
}

/** A link to a page that may not be installed. */
export function RouteLink({ to, children }: RouteLinkProps) {
  return to === undefined ? <>{children}</> : <Link href={to}>{children}</Link>;
}
