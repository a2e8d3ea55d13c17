import { Select } from '@backstage/ui';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { choices } from './choices';

const ANY = 'any';

export interface OwnerFilterProps {
  /** Whose owners are offered. */
  models: Model[];
  /** Undefined: all of them. */
  owner: string | undefined;
  onChange(owner: string | undefined): void;
}

/** Chooses an owner among those that models have. */
export function OwnerFilter({ models, owner, onChange }: OwnerFilterProps) {
  return (
    <Select
      aria-label="Owner"
      options={[
        { id: ANY, label: 'All owners' },
        ...choices(
          models.map(model => model.owner),
          owner,
        ).map(one => ({ id: one, label: shortRef(one) })),
      ]}
      value={owner ?? ANY}
      onChange={chosen => onChange(chosen === ANY ? undefined : `${chosen}`)}
    />
  );
}

function shortRef(entityRef: string): string {
  return entityRef.replace(/^[^:]+:default\//, '');
}
