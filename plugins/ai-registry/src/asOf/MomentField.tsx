import { FieldLabel } from '@backstage/ui';
import { useId } from 'react';
import styles from './MomentField.module.css';

export interface MomentFieldProps {
  /** As the browser's field has it, in the reader's time zone; empty where none is chosen. */
  value: string;
  onChange(value: string): void;
}

/** Asks for a date and a time. */
export function MomentField({ value, onChange }: MomentFieldProps) {
  const fieldId = useId();
  return (
    <div>
      <FieldLabel label="Date and time" htmlFor={fieldId} />
      <input
        id={fieldId}
        className={styles.moment}
        type="datetime-local"
        step="1"
        required
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    </div>
  );
}
