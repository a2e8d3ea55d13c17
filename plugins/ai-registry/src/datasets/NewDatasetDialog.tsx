import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { TextAreaField, TextField } from '@backstage/ui';
import { fieldError, FormDialog, OwnerField } from '@greenroom/ai-react';
import {
  aiDatasetCreateForOthersPermission,
  type NewDataset,
} from '@greenroom/plugin-ai-registry-common';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { datasetRouteRef } from '../routes';
import { UploadState } from '../view/UploadState';
import { DatasetContentFields } from './DatasetContentFields';
import {
  type DatasetContentErrors,
  EMPTY_DATASET_CONTENT,
  EMPTY_NEW_DATASET,
  type NewDatasetErrors,
  type NewDatasetForm,
  readDatasetContent,
  readNewDataset,
} from './datasetForm';
import { useSendDataset } from './useSendDataset';

export interface NewDatasetDialogProps {
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Asks for a dataset's name and owner and for its first version, makes both and goes to its page. */
export function NewDatasetDialog(props: NewDatasetDialogProps) {
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const datasetLink = useRouteRef(datasetRouteRef);
  const [form, setForm] = useState(EMPTY_NEW_DATASET);
  const [content, setContent] = useState(EMPTY_DATASET_CONTENT);
  const [errors, setErrors] = useState<NewDatasetErrors & DatasetContentErrors>(
    {},
  );
  const sending = useSendDataset();
  /** Made already, with a file that was refused: the next try only sends another one. */
  const made = useRef<string>();
  const mayForOthers = usePermission({
    permission: aiDatasetCreateForOthersPermission,
  }).allowed;

  const change = (part: Partial<NewDatasetForm>) => {
    setForm(old => ({ ...old, ...part }));
    setErrors(old => ({
      ...old,
      ...Object.fromEntries(Object.keys(part).map(name => [name, undefined])),
    }));
  };
  const field = (name: keyof NewDatasetForm) => ({
    value: form[name],
    ...fieldError(errors[name]),
    onChange: (value: string) => change({ [name]: value }),
  });
  const make = async (dataset: NewDataset) => {
    const { name, ...changes } = dataset;
    if (made.current === name) await registry.updateDataset(name, changes);
    else await registry.createDataset(dataset);
    made.current = name;
  };
  const submit = async () => {
    const read = readNewDataset(form);
    const readContent = readDatasetContent(content);
    setErrors({ ...read.errors, ...readContent.errors });
    if (!read.dataset || !readContent.content) return false;
    const { name } = read.dataset;
    await make(read.dataset);
    await sending.send(name, readContent.content);
    made.current = undefined;
    setForm(EMPTY_NEW_DATASET);
    setContent(EMPTY_DATASET_CONTENT);
    const target = datasetLink?.({ name });
    if (target) navigate(target);
    return true;
  };

  return (
    <FormDialog
      {...props}
      title="New dataset"
      submitLabel="Make dataset"
      failedTitle="The dataset has no version yet"
      onAbort={sending.abort}
      onSubmit={submit}
    >
      <TextField
        label="Name"
        description="Lower-case letters, digits and dashes. It is part of addresses and never changes."
        isRequired
        autoFocus
        {...field('name')}
      />
      <TextField label="Title" {...field('title')} />
      <OwnerField
        description="The group that answers for the rows, as the catalog names it."
        mayForOthers={mayForOthers}
        owner={form.owner}
        error={errors.owner}
        onChange={owner => change({ owner })}
      />
      <TextAreaField label="Description" rows={3} {...field('description')} />
      <TextField
        label="Tags"
        description="key=value pairs with commas between them."
        {...field('tags')}
      />
      <DatasetContentFields
        form={content}
        errors={errors}
        isFirst
        onChange={part => {
          setContent(old => ({ ...old, ...part }));
          setErrors({});
        }}
      />
      {sending.share !== undefined && (
        <UploadState
          share={sending.share}
          done="Sent. The registry reads the last rows."
        />
      )}
    </FormDialog>
  );
}
