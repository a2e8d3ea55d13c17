import { useSidebarPinState } from '@backstage/core-components';
import type { NavContentComponentProps } from '@backstage/plugin-app-react';
import { DesktopNavigation } from './DesktopNavigation';
import { MobileNavigation } from './MobileNavigation';
import { sortNavigation } from './sortNavigation';
import { useMayDebugPortal } from './useMayDebugPortal';

/** The ways to every page of the portal, and who is signed in. */
export function Navigation({ navItems }: NavContentComponentProps) {
  const { isMobile } = useSidebarPinState();
  const mayDebug = useMayDebugPortal();
  const sections = sortNavigation(navItems.clone(), { mayDebug });
  return isMobile ? (
    <MobileNavigation sections={sections} />
  ) : (
    <DesktopNavigation sections={sections} />
  );
}
