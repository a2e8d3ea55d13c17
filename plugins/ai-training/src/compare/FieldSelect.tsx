import { Select } from '@backstage/ui';
import { type Field, fieldId } from '../runs/fields';
import styles from './compare.module.css';

export interface FieldSelectProps {
  label: string;
  fields: Field[];
  chosen: Field;
  onChange(id: string): void;
}

/** Asks for one of the metrics and parameters. */
export function FieldSelect(props: FieldSelectProps) {
  const { label, fields, chosen, onChange } = props;
  const optionsOf = (kind: Field['kind']) =>
    fields
      .filter(field => field.kind === kind)
      .map(field => ({ id: fieldId(field), label: field.key }));
  return (
    <Select
      label={label}
      className={styles.field}
      search={{ placeholder: 'Find one' }}
      options={[
        { title: 'Metrics', options: optionsOf('metrics') },
        { title: 'Parameters', options: optionsOf('params') },
      ].filter(({ options }) => options.length > 0)}
      value={fieldId(chosen)}
      onChange={id => onChange(String(id))}
    />
  );
}
