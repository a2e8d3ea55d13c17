import { ButtonIcon } from '@backstage/ui';
import { RiCloseLine, RiMenuLine } from '@remixicon/react';
import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router-dom';
import { LogoFull } from '../../brand';
import styles from './Navigation.module.css';
import { NavigationLink } from './NavigationLink';
import { NavigationList } from './NavigationList';
import { NotificationsLink } from './NotificationsLink';
import { SearchButton } from './SearchButton';
import { SignedInPerson } from './SignedInPerson';
import type { NavigationProps } from './sortNavigation';

/** More do not fit in a bar of 390 pixels; the menu has them all. */
const MOST_PLATFORM = 3;

/** A bar at the bottom for what is used most, and a menu with everything. */
export function MobileNavigation(props: NavigationProps) {
  const { sections, onSearch } = props;
  const { home, platform, portal, settings } = sections;
  const menu = useRef<HTMLDialogElement>(null);
  const { pathname } = useLocation();
  useEffect(() => menu.current?.close(), [pathname]);
  return (
    <nav className={styles.bar} aria-label="Portal" data-theme-mode="dark">
      {[...home, ...platform.slice(0, MOST_PLATFORM)].map(
        ({ href, title, icon }) => (
          <NavigationLink key={href} href={href} title={title} icon={icon} />
        ),
      )}
      <button
        type="button"
        className={styles.item}
        aria-haspopup="dialog"
        onClick={() => menu.current?.showModal()}
      >
        <span className={styles.icon} aria-hidden="true">
          <RiMenuLine />
        </span>
        <span className={styles.title}>Menu</span>
      </button>
      <dialog ref={menu} className={styles.menu} aria-label="Menu">
        <div className={styles.menuHead}>
          <LogoFull />
          <ButtonIcon
            aria-label="Close the menu"
            variant="tertiary"
            icon={<RiCloseLine />}
            onPress={() => menu.current?.close()}
          />
        </div>
        <SearchButton
          onPress={() => {
            menu.current?.close();
            onSearch();
          }}
        />
        <NavigationList label="Start" items={home} />
        <NavigationList label="AI platform" items={platform} />
        <NavigationList label="Developer portal" items={portal} />
        <NotificationsLink />
        <NavigationList label="Settings" items={settings} />
        <SignedInPerson />
      </dialog>
    </nav>
  );
}
