import {
  toastApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Combobox, Select, TextAreaField, TextField } from '@backstage/ui';
import {
  fieldError,
  FormDialog,
  OwnerField,
  useCatalogRefs,
} from '@greenroom/ai-react';
import {
  aiModelCreateForOthersPermission,
  MODEL_TASKS,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { modelRouteRef } from '../routes';
import {
  EMPTY_NEW_MODEL,
  readNewModel,
  type NewModelErrors,
  type NewModelForm,
} from './newModelForm';
import { taskLabel } from './taskLabel';

export interface RegisterModelDialogProps {
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Asks for a model's name, owner and task, registers it and goes to its page. */
export function RegisterModelDialog(props: RegisterModelDialogProps) {
  const registry = useApi(aiRegistryApiRef);
  const toasts = useApi(toastApiRef);
  const navigate = useNavigate();
  const modelLink = useRouteRef(modelRouteRef);
  const [form, setForm] = useState(EMPTY_NEW_MODEL);
  const [errors, setErrors] = useState<NewModelErrors>({});
  const systems = useCatalogRefs('system');
  const mayForOthers = usePermission({
    permission: aiModelCreateForOthersPermission,
  }).allowed;

  const field = (name: keyof NewModelForm) => ({
    value: form[name],
    ...fieldError(errors[name]),
    onChange: (value: string) => {
      setForm({ ...form, [name]: value });
      setErrors({ ...errors, [name]: undefined });
    },
  });
  const submit = async () => {
    const read = readNewModel(form);
    setErrors(read.errors ?? {});
    if (!read.model) return false;
    const model = await registry.createModel(read.model);
    setForm(EMPTY_NEW_MODEL);
    toasts.post({
      title: `Model ${model.name} registered`,
      status: 'success',
      timeout: 5_000,
    });
    const target = modelLink?.({ name: model.name });
    if (target) navigate(target);
    return true;
  };

  return (
    <FormDialog
      {...props}
      title="Register model"
      submitLabel="Register"
      failedTitle="The model was not registered"
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
      <Select
        label="Task"
        description="What it does: an answer about rows of numbers and texts, or a pipeline tag of Hugging Face."
        search={{ placeholder: 'Search tasks' }}
        options={MODEL_TASKS.map(task => ({
          id: task,
          label: taskLabel(task),
        }))}
        value={form.task}
        onChange={value =>
          setForm(old => ({
            ...old,
            task: MODEL_TASKS.find(known => known === value) ?? old.task,
          }))
        }
      />
      <OwnerField
        description="The group that answers for the model, as the catalog names it."
        mayForOthers={mayForOthers}
        owner={form.owner}
        error={errors.owner}
        onChange={owner => {
          setForm(old => ({ ...old, owner }));
          setErrors(old => ({ ...old, owner: undefined }));
        }}
      />
      <TextAreaField label="Description" rows={3} {...field('description')} />
      <Combobox
        label="System"
        description="The system of the catalog that the model is part of, if there is one."
        allowsCustomValue
        options={toOptions(systems)}
        {...fieldError(errors.system)}
        search={{
          inputValue: form.system,
          onInputChange: (system: string) => {
            setForm(old => ({ ...old, system }));
            setErrors(old => ({ ...old, system: undefined }));
          },
        }}
      />
      <TextField
        label="Tags"
        description="key=value pairs with commas between them."
        {...field('tags')}
      />
    </FormDialog>
  );
}

function toOptions(refs: string[]) {
  return refs.map(ref => ({ id: ref, label: ref }));
}
