import { useApi } from '@backstage/frontend-plugin-api';
import { SearchField, Select } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import styles from './ModelFilters.module.css';
import type { ModelFilter } from './useModelFilter';

const ANY = 'any';

/** Models whose owners and tags are offered as choices. */
const FACET_LIMIT = 100;

export interface ModelFiltersProps {
  filter: ModelFilter;
  onChange(filter: ModelFilter): void;
}

/** Search words, and the owners and tags that models have. */
export function ModelFilters({ filter, onChange }: ModelFiltersProps) {
  const registry = useApi(aiRegistryApiRef);
  const facets = useLive(
    signal => registry.listModels({ limit: FACET_LIMIT }, { signal }),
    [],
    { channel: SIGNAL_CHANNEL, pollMillis: 60_000 },
  );
  const models = facets.value?.items ?? [];

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
      <Select
        aria-label="Owner"
        options={[
          { id: ANY, label: 'All owners' },
          ...choices(
            models.map(model => model.owner),
            filter.owner,
          ).map(owner => ({ id: owner, label: shortRef(owner) })),
        ]}
        value={filter.owner ?? ANY}
        onChange={owner =>
          onChange({ ...filter, owner: owner === ANY ? undefined : `${owner}` })
        }
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
    </div>
  );
}

/** Each value once, in order, with the chosen one even when no listed model has it. */
function choices(values: string[], chosen: string | undefined): string[] {
  return [...new Set(chosen ? [chosen, ...values] : values)].sort();
}

function tagPairs(model: Model): string[] {
  return Object.entries(model.tags).map(([key, value]) => `${key}=${value}`);
}

function shortRef(entityRef: string): string {
  return entityRef.replace(/^[^:]+:default\//, '');
}
