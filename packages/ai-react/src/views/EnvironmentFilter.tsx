import { Select } from '@backstage/ui';
import type { EnvironmentFilterState } from './useEnvironmentFilter';
import styles from './views.module.css';

const EVERYWHERE = 'all';

export interface EnvironmentFilterProps<E extends string> {
  filter: EnvironmentFilterState<E>;
  /** Whether its label is there to see, not only for screen readers. */
  showLabel?: boolean;
}

/** Chooses the environment a page is about, or all of them. */
export function EnvironmentFilter<E extends string>(
  props: EnvironmentFilterProps<E>,
) {
  const { filter, showLabel = false } = props;
  const { environments, environment, select } = filter;
  return (
    <Select
      className={styles.environmentFilter}
      {...(showLabel
        ? { label: 'Environment' }
        : { 'aria-label': 'Environment' })}
      size="small"
      selectedKey={environment ?? EVERYWHERE}
      onSelectionChange={key => select(environments.find(name => name === key))}
      options={[
        { value: EVERYWHERE, label: 'All environments' },
        ...environments.map(name => ({ value: name, label: name })),
      ]}
    />
  );
}
