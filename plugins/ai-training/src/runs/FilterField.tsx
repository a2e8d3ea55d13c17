import { Button, TextField } from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';
import { type FormEvent, useEffect, useState } from 'react';
import styles from './runs.module.css';

export interface FilterFieldProps {
  /** What the runs are filtered by. */
  filter: string;
  /** What the server says of it. */
  error?: string;
  onFilter(filter: string): void;
}

/** Asks for a filter in MLflow's language; it counts when it is sent. */
export function FilterField({ filter, error, onFilter }: FilterFieldProps) {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter(text.trim());
  };
  return (
    <form
      className={styles.filter}
      onSubmit={submit}
      role="search"
      aria-label="Runs"
      noValidate
    >
      <TextField
        aria-label="Filter of runs"
        placeholder="metrics.accuracy > 0.9 and params.depth = '3'"
        className={styles.filterText}
        value={text}
        onChange={setText}
        // What is written now was not asked for yet.
        {...fieldError(text.trim() === filter ? error : undefined)}
      />
      <Button type="submit" variant="secondary">
        Filter
      </Button>
      {filter && (
        <Button variant="tertiary" onPress={() => onFilter('')}>
          Clear
        </Button>
      )}
    </form>
  );
}
