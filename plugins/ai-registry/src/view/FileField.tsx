import { Button, FieldLabel } from '@backstage/ui';
import { formatBytes } from '@greenroom/ai-react';
import { RiFileLine } from '@remixicon/react';
import { useId, useRef, useState, type DragEvent } from 'react';
import styles from './FileField.module.css';

export interface FileFieldProps {
  label: string;
  description?: string;
  /** File name endings or media types, as in HTML. */
  accept: string;
  isRequired?: boolean;
  file?: File;
  error?: string;
  onChange(file: File | undefined): void;
}

/** Takes one file, chosen or dropped. */
export function FileField(props: FileFieldProps) {
  const { label, description, accept, isRequired, file, error } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) props.onChange(dropped);
  };

  return (
    <div>
      <FieldLabel
        label={label}
        secondaryLabel={isRequired ? 'Required' : undefined}
        description={description}
        htmlFor={id}
      />
      <div
        className={styles.drop}
        data-over={over || undefined}
        onDragOver={event => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <RiFileLine aria-hidden="true" className={styles.icon} />
        <span className={styles.name}>
          {file ? `${file.name}, ${formatBytes(file.size)}` : 'Drop it here'}
        </span>
        <Button
          size="small"
          variant="secondary"
          aria-label={`Choose file: ${label}`}
          onPress={() => input.current?.click()}
        >
          {file ? 'Choose another' : 'Choose file'}
        </Button>
        <input
          ref={input}
          id={id}
          className={styles.input}
          type="file"
          tabIndex={-1}
          accept={accept}
          aria-invalid={error !== undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={event => {
            const chosen = event.target.files?.[0];
            // Otherwise choosing the same file again, changed meanwhile, tells nothing.
            event.target.value = '';
            if (chosen) props.onChange(chosen);
          }}
        />
      </div>
      {error && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
