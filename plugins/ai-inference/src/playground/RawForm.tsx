import { TextAreaField } from '@backstage/ui';
import styles from './playground.module.css';

interface RawFormProps {
  text: string;
  onChange(text: string): void;
}

/** The request itself, for versions that do not say what their numbers mean. */
export function RawForm({ text, onChange }: RawFormProps) {
  return (
    <div className={styles.raw}>
      <TextAreaField
        label="Request"
        description="An inference request of the Open Inference Protocol, made from the version's signature. Put your values into data."
        value={text}
        onChange={onChange}
        rows={14}
      />
    </div>
  );
}
