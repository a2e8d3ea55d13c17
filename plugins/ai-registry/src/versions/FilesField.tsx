import { Button, FieldLabel } from '@backstage/ui';
import { formatBytes } from '@greenroom/ai-react';
import { RiFileLine } from '@remixicon/react';
import { useId, useRef, useState, type DragEvent } from 'react';
import styles from '../view/FileField.module.css';
import { pickChosen, pickDropped, type PickedFile } from './pickFiles';

const MAX_SHOWN = 6;

export interface FilesFieldProps {
  label: string;
  description?: string;
  files: PickedFile[];
  error?: string;
  onChange(files: PickedFile[]): void;
}

/** Takes one file or several, chosen or dropped, or a folder with all that is in it. */
export function FilesField(props: FilesFieldProps) {
  const { label, description, files, error } = props;
  const id = useId();
  const fileInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (picked: PickedFile[]) => {
    if (picked.length > 0) props.onChange(picked);
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(await pickDropped(event.dataTransfer));
  };
  const input = {
    className: styles.input,
    type: 'file',
    multiple: true,
    tabIndex: -1,
    onChange: (event: { target: HTMLInputElement }) => {
      const picked = pickChosen(event.target.files ?? []);
      // Otherwise choosing the same file again, changed meanwhile, tells nothing.
      event.target.value = '';
      take(picked);
    },
  };

  return (
    <div>
      <FieldLabel
        label={label}
        secondaryLabel="Required"
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
        <span className={styles.name}>{summaryOf(files)}</span>
        <Button
          size="small"
          variant="secondary"
          aria-label={`Choose files: ${label}`}
          onPress={() => fileInput.current?.click()}
        >
          Choose files
        </Button>
        <Button
          size="small"
          variant="secondary"
          aria-label={`Choose folder: ${label}`}
          onPress={() => folderInput.current?.click()}
        >
          Choose folder
        </Button>
        <input
          {...input}
          ref={fileInput}
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={error ? `${id}-error` : undefined}
        />
        <input
          {...input}
          {...{ webkitdirectory: '' }}
          ref={folderInput}
          aria-label="Folder with all files"
        />
      </div>
      {files.length > 1 && <FileList files={files} />}
      {error && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function FileList({ files }: { files: PickedFile[] }) {
  const more = files.length - MAX_SHOWN;
  return (
    <ul className={styles.list} aria-label="Files of the bundle">
      {files.slice(0, MAX_SHOWN).map(({ path, file }) => (
        <li key={path}>{`${path}, ${formatBytes(file.size)}`}</li>
      ))}
      {more > 0 && <li>{`and ${more} more`}</li>}
    </ul>
  );
}

function summaryOf(files: PickedFile[]): string {
  const sizeBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  switch (files.length) {
    case 0:
      return 'Drop files or a folder here';
    case 1:
      return `${files[0].path}, ${formatBytes(sizeBytes)}`;
    default:
      return `${files.length} files, ${formatBytes(sizeBytes)}`;
  }
}
