import { useSidebarPinState } from '@backstage/core-components';
import type { NavContentComponentProps } from '@backstage/plugin-app-react';
import { useEffect, useState } from 'react';
import { CommandPalette } from '../palette';
import { DesktopNavigation } from './DesktopNavigation';
import { MobileNavigation } from './MobileNavigation';
import { sortNavigation } from './sortNavigation';
import { useMayDebugPortal } from './useMayDebugPortal';

/** The ways to every page of the portal, and who is signed in. */
export function Navigation({ navItems }: NavContentComponentProps) {
  const { isMobile } = useSidebarPinState();
  const mayDebug = useMayDebugPortal();
  const [isSearching, setSearching] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isAsked =
        (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
      if (!isAsked) return;
      event.preventDefault();
      setSearching(true);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);

  const sections = sortNavigation(navItems.clone(), { mayDebug });
  const Look = isMobile ? MobileNavigation : DesktopNavigation;
  return (
    <>
      <Look sections={sections} onSearch={() => setSearching(true)} />
      {isSearching && (
        <CommandPalette
          pages={Object.values(sections).flat()}
          onClose={() => setSearching(false)}
        />
      )}
    </>
  );
}
