import { Skeleton } from '@backstage/ui';
import styles from './views.module.css';

export interface PlaceholderProps {
  /** Pixels. */
  height: number;
}

/** A bar in the place of what is loading; Backstage UI's own has the colour of what is behind it. */
export function Placeholder({ height }: PlaceholderProps) {
  return (
    <Skeleton width="100%" height={height} className={styles.placeholder} />
  );
}
