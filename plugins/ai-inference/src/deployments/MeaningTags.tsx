import { VisuallyHidden } from '@backstage/ui';
import styles from './deployments.module.css';

/** A short word for something, and what it means. */
export interface MeaningTag {
  name: string;
  meaning: string;
}

/** Short words, whose meaning is in the tooltip and is read aloud. */
export function MeaningTags({ tags }: { tags: readonly MeaningTag[] }) {
  return tags.map(({ name, meaning }) => (
    <span key={name} className={styles.tag} title={meaning}>
      {name}
      <VisuallyHidden>: {meaning} </VisuallyHidden>
    </span>
  ));
}
