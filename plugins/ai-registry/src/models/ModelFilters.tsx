import { SearchField, Select } from '@backstage/ui';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { choices } from './choices';
import styles from './ModelFilters.module.css';
import { OwnerFilter } from './OwnerFilter';
import { useFacetModels } from './useFacetModels';
import type { ModelFilter } from './useModelFilter';

const ANY = 'any';

export interface ModelFiltersProps {
  filter: ModelFilter;
  onChange(filter: ModelFilter): void;
}

/** Search words, and the owners, tags and licences that models have. */
export function ModelFilters({ filter, onChange }: ModelFiltersProps) {
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
      <Select
        aria-label="Tag"
        options={[
          { id: ANY, label: 'All tags' },
          ...choices(models.flatMap(tagPairs), filter.tag).map(tag => ({
            id: tag,
            label: tag,
          })),
        ]}
        value={filter.tag ?? ANY}
        onChange={tag =>
          onChange({ ...filter, tag: tag === ANY ? undefined : `${tag}` })
        }
      />
      <Select
        aria-label="Licence"
        options={[
          { id: ANY, label: 'All licences' },
          ...choices(
            models.flatMap(model => model.licence ?? []),
            filter.licence,
          ).map(licence => ({ id: licence, label: licence })),
        ]}
        value={filter.licence ?? ANY}
        onChange={licence =>
          onChange({
            ...filter,
            licence: licence === ANY ? undefined : `${licence}`,
          })
        }
      />
    </div>
  );
}

function tagPairs(model: Model): string[] {
  return Object.entries(model.tags).map(([key, value]) => `${key}=${value}`);
}
