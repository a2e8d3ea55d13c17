import { Radio, RadioGroup, TextAreaField, TextField } from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';
import { FileField } from '../view/FileField';
import {
  ACCEPTED_FILES,
  type DatasetContentErrors,
  type DatasetContentForm,
} from './datasetForm';

export interface DatasetContentFieldsProps {
  form: DatasetContentForm;
  errors: DatasetContentErrors;
  /** Nothing can have changed in a first version. */
  isFirst?: boolean;
  onChange(part: Partial<DatasetContentForm>): void;
}

/** Asks what a version is made of: a file, or what lies somewhere else. */
export function DatasetContentFields(props: DatasetContentFieldsProps) {
  const { form, errors, isFirst, onChange } = props;
  return (
    <>
      <RadioGroup
        label="Where the rows are"
        orientation="horizontal"
        value={form.kind}
        onChange={kind =>
          onChange({ kind: kind === 'external' ? 'external' : 'file' })
        }
      >
        <Radio value="file">In a file to upload</Radio>
        <Radio value="external">Somewhere else</Radio>
      </RadioGroup>
      {form.kind === 'file' ? (
        <FileField
          label="File with the rows"
          description="CSV with a header, JSONL with one object a line, or Parquet. Text is UTF-8. Columns and rows are read from it."
          accept={ACCEPTED_FILES}
          isRequired
          file={form.file}
          error={errors.file}
          onChange={file => onChange({ file })}
        />
      ) : (
        <>
          <TextField
            label="Address"
            description="https://, s3://, gs://, abfss://, hdfs:// or hf://, without keys in it. Nothing is fetched from there."
            isRequired
            value={form.uri}
            {...fieldError(errors.uri)}
            onChange={uri => onChange({ uri })}
          />
          <TextField
            label="Digest"
            description="sha256: and the digits that sha256sum prints of what lies there."
            isRequired
            value={form.digest}
            {...fieldError(errors.digest)}
            onChange={digest => onChange({ digest })}
          />
          <TextField
            label="Rows"
            value={form.rows}
            {...fieldError(errors.rows)}
            onChange={rows => onChange({ rows })}
          />
        </>
      )}
      {!isFirst && (
        <TextAreaField
          label="What changed"
          rows={2}
          value={form.change}
          onChange={change => onChange({ change })}
        />
      )}
    </>
  );
}
