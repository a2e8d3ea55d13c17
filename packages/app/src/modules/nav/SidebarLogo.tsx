import { Link, useSidebarOpenState } from '@backstage/core-components';
import { LogoFull, LogoMark } from '../../brand';
import styles from './SidebarLogo.module.css';

export function SidebarLogo() {
  const { isOpen } = useSidebarOpenState();
  return (
    <div className={styles.root}>
      <Link to="/" underline="none" className={styles.link} aria-label="Home">
        <span className={styles.logo}>
          {isOpen ? <LogoFull /> : <LogoMark />}
        </span>
      </Link>
    </div>
  );
}
