import { Select } from '@backstage/ui';
import { type Field, fieldId } from './fields';
import styles from './runs.module.css';

export interface ColumnsMenuProps {
  /** All that the loaded runs have. */
  fields: Field[];
  /** Ids of those that have a column. */
  shown: string[];
  onChange(shown: string[]): void;
}

const TITLES = { metrics: 'Metrics', params: 'Parameters', tags: 'Tags' };

/** Which metrics, parameters and tags have a column. */
export function ColumnsMenu({ fields, shown, onChange }: ColumnsMenuProps) {
  return (
    <Select
      aria-label="Columns"
      className={styles.columns}
      selectionMode="multiple"
      placeholder="Columns"
      search={{ placeholder: 'Find a metric, parameter or tag' }}
      options={(['metrics', 'params', 'tags'] as const)
        .map(kind => ({
          title: TITLES[kind],
          options: fields
            .filter(field => field.kind === kind)
            .map(field => ({ id: fieldId(field), label: field.key })),
        }))
        .filter(({ options }) => options.length > 0)}
      value={shown}
      onChange={chosen => onChange([...(chosen ?? [])].map(String))}
    />
  );
}
