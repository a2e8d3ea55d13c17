import { SidebarPinStateProvider } from '@backstage/core-components';
import type { ReactNode } from 'react';
import { useLocalStorage } from 'react-use';
import { useMediaQuery } from '../theme';
import { CONTENT_ID, MainLandmark } from './MainLandmark';
import styles from './ShellLayout.module.css';

/** Below it the navigation is a bar at the bottom; Material UI's pages change there too. */
const PHONE = '(max-width: 599px)';
/** Below it the navigation is a rail, whatever was chosen in Settings. */
const NARROW = '(max-width: 899px)';

interface ShellLayoutProps {
  navigation: ReactNode;
  content: ReactNode;
}

/** Navigation and page, side by side or one above the other. */
export function ShellLayout({ navigation, content }: ShellLayoutProps) {
  // Settings offers "Pin sidebar": a pinned one has room for words, the other one is a rail.
  const [isChosen = true, setChosen] = useLocalStorage('sidebarPinned', true);
  const isMobile = useMediaQuery(PHONE);
  const isNarrow = useMediaQuery(NARROW);
  const isPinned = isChosen && !isNarrow;
  return (
    <SidebarPinStateProvider
      value={{
        isPinned,
        isMobile,
        toggleSidebarPinState: () => setChosen(!isChosen),
      }}
    >
      <a
        className={styles.skip}
        href={`#${CONTENT_ID}`}
        onClick={event => {
          event.preventDefault();
          document.getElementById(CONTENT_ID)?.focus();
        }}
      >
        Skip to content
      </a>
      <div className={styles.shell}>
        {navigation}
        <MainLandmark>{content}</MainLandmark>
      </div>
    </SidebarPinStateProvider>
  );
}
