import { PluginHeader } from '@backstage/ui';
import type { ReactElement, ReactNode } from 'react';

export interface LegacyPageProps {
  title: string;
  icon?: ReactElement;
  /** Pages beside this one; one that the app has not mounted has no address and is left out. */
  tabs?: { label: string; path: string | undefined }[];
  children: ReactNode;
}

/** What the new frontend system puts around a page: the header with its tabs. */
export function LegacyPage({ title, icon, tabs, children }: LegacyPageProps) {
  return (
    <>
      <PluginHeader
        title={title}
        icon={icon}
        tabs={tabs?.flatMap(({ label, path }) =>
          path === undefined
            ? []
            : [{ id: label, label, href: path, matchStrategy: 'prefix' }],
        )}
      />
      {children}
    </>
  );
}
