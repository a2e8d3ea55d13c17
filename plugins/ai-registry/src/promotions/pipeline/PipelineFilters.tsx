import { Checkbox, SearchField } from '@backstage/ui';
import { OwnerFilter } from '../../models/OwnerFilter';
import { useFacetModels } from '../../models/useFacetModels';
import styles from './PipelineFilters.module.css';
import type { PipelineFilter } from './usePipelineFilter';

export interface PipelineFiltersProps {
  filter: PipelineFilter;
  onChange(filter: PipelineFilter): void;
}

/** Search words, the owners that models have, and whether all is shown or only what moves. */
export function PipelineFilters({ filter, onChange }: PipelineFiltersProps) {
  const models = useFacetModels();
  return (
    <div className={styles.filters} role="search" aria-label="Models">
      <SearchField
        className={styles.search}
        aria-label="Search models"
        placeholder="Search name, title, description and tags"
        size="small"
        value={filter.search}
        onChange={search => onChange({ ...filter, search })}
      />
      <OwnerFilter
        models={models}
        owner={filter.owner}
        onChange={owner => onChange({ ...filter, owner })}
      />
      <Checkbox
        isSelected={filter.onlyMoving}
        onChange={onlyMoving => onChange({ ...filter, onlyMoving })}
      >
        Only where something is on its way or differs
      </Checkbox>
    </div>
  );
}
