import {
  BreadcrumbEntry,
  type PageLayoutProps,
  useBreadcrumbEntries,
} from '@backstage/frontend-plugin-api';
import { PluginHeader } from '@backstage/ui';
import { NavLink, useResolvedPath } from 'react-router-dom';
import styles from './PageHeader.module.css';

/**
 * The header of a page, with links to its parts. Backstage's own shows them as tabs which name
 * panels that are not there (`aria-controls`); they lead to other addresses, so here they are links.
 */
export function PageHeader(props: PageLayoutProps) {
  const { title, icon, noHeader, titleLink, headerActions, tabs, children } =
    props;
  const parentPath = useResolvedPath('.').pathname.replace(/\/$/, '');
  const { items: breadcrumbs } = useBreadcrumbEntries();
  if (noHeader) return <>{children}</>;

  const content = (
    <>
      <div className={tabs?.length ? styles.withParts : undefined}>
        <PluginHeader
          title={title}
          icon={icon}
          titleLink={titleLink}
          breadcrumbs={breadcrumbs}
          customActions={headerActions}
        />
        {tabs && tabs.length > 0 && (
          <nav className={styles.parts} aria-label={title ?? 'Parts'}>
            {tabs.map(({ id, href, label }) => (
              <NavLink
                key={id}
                to={href.startsWith('/') ? href : `${parentPath}/${href}`}
                className={styles.part}
              >
                {label}
              </NavLink>
            ))}
          </nav>
        )}
      </div>
      {children}
    </>
  );
  if (!title) return content;
  return (
    <BreadcrumbEntry
      entry={{ label: title, href: titleLink ?? (parentPath || '/') }}
    >
      {content}
    </BreadcrumbEntry>
  );
}
