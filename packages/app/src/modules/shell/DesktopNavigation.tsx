import { useSidebarPinState } from '@backstage/core-components';
import { Link } from 'react-router-dom';
import { LogoFull, LogoMark } from '../../brand';
import styles from './Navigation.module.css';
import { NavigationList } from './NavigationList';
import { NotificationsLink } from './NotificationsLink';
import { SearchButton } from './SearchButton';
import { SignedInPerson } from './SignedInPerson';
import type { NavigationProps } from './sortNavigation';

/** A column with words beside the icons, or a rail with words below them. */
export function DesktopNavigation(props: NavigationProps) {
  const { sections, onSearch } = props;
  const { home, platform, portal, settings } = sections;
  const { isPinned } = useSidebarPinState();
  return (
    // It is dark in both themes.
    <nav
      className={styles.column}
      aria-label="Portal"
      data-look={isPinned ? 'column' : 'rail'}
      data-theme-mode="dark"
    >
      <Link to="/" className={styles.logo} aria-label="Greenroom, home">
        {isPinned ? <LogoFull /> : <LogoMark />}
      </Link>
      <SearchButton onPress={onSearch} />
      <div className={styles.pages}>
        <NavigationList label="Start" items={home} />
        <NavigationList label="AI platform" items={platform} />
        <NavigationList label="Developer portal" items={portal} />
      </div>
      <div className={styles.foot}>
        <NotificationsLink />
        <NavigationList label="Settings" items={settings} />
        <SignedInPerson />
      </div>
    </nav>
  );
}
