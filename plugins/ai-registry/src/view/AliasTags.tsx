import { useEnvironments } from '@greenroom/ai-react';
import { RiFlashlightLine, RiPriceTag3Line } from '@remixicon/react';
import styles from './AliasTags.module.css';

/** The aliases of a version; those that are environments stand out. */
export function AliasTags({ aliases }: { aliases: string[] }) {
  const environments = useEnvironments();
  return (
    <span className={styles.tags}>
      {aliases.map(alias => {
        const environment = environments.has(alias);
        const Icon = environment ? RiFlashlightLine : RiPriceTag3Line;
        return (
          <span
            key={alias}
            className={styles.tag}
            data-production={alias === environments.last.name || undefined}
          >
            <Icon aria-hidden="true" className={styles.icon} />
            {alias}
          </span>
        );
      })}
    </span>
  );
}
