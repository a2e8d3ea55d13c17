import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { TextAreaField, TextField } from '@backstage/ui';
import { fieldError, FormDialog, OwnerField } from '@greenroom/ai-react';
import { aiExperimentCreateForOthersPermission } from '@greenroom/plugin-ai-training-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { experimentRouteRef } from '../routes';
import {
  EMPTY_EXPERIMENT,
  type ExperimentForm,
  type ExperimentFormErrors,
  readExperiment,
} from './experimentForm';

export interface NewExperimentDialogProps {
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Asks for an experiment's name and owner, makes it and goes to its page. */
export function NewExperimentDialog(props: NewExperimentDialogProps) {
  const training = useApi(aiTrainingApiRef);
  const navigate = useNavigate();
  const toExperiment = useRouteRef(experimentRouteRef);
  const [form, setForm] = useState(EMPTY_EXPERIMENT);
  const [errors, setErrors] = useState<ExperimentFormErrors>({});
  const mayForOthers = usePermission({
    permission: aiExperimentCreateForOthersPermission,
  }).allowed;

  const change = (part: Partial<ExperimentForm>) => {
    setForm(old => ({ ...old, ...part }));
    setErrors(old => ({
      ...old,
      ...Object.fromEntries(Object.keys(part).map(name => [name, undefined])),
    }));
  };
  const submit = async () => {
    const read = readExperiment(form);
    setErrors(read.errors ?? {});
    if (!read.experiment) return false;
    const { id } = await training.createExperiment(read.experiment);
    setForm(EMPTY_EXPERIMENT);
    const target = toExperiment?.({ id });
    if (target) navigate(target);
    return true;
  };

  return (
    <FormDialog
      {...props}
      title="New experiment"
      submitLabel="Make experiment"
      failedTitle="The experiment was not made"
      onSubmit={submit}
    >
      <TextField
        label="Name"
        description="Scripts name it: mlflow.set_experiment(name)."
        isRequired
        autoFocus
        value={form.name}
        {...fieldError(errors.name)}
        onChange={name => change({ name })}
      />
      <OwnerField
        description="The group that answers for it, as the catalog names it. Its members may log runs."
        mayForOthers={mayForOthers}
        owner={form.owner}
        error={errors.owner}
        onChange={owner => change({ owner })}
      />
      <TextAreaField
        label="Description"
        rows={3}
        value={form.description}
        onChange={description => change({ description })}
      />
    </FormDialog>
  );
}
