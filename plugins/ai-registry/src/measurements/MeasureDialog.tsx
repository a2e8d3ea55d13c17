import { useApi } from '@backstage/frontend-plugin-api';
import { Select, TextField } from '@backstage/ui';
import { fieldError, FormDialog, useEnvironments } from '@greenroom/ai-react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import {
  DatasetVersionFields,
  useDatasetVersions,
} from './DatasetVersionFields';
import {
  type MeasureErrors,
  type MeasureForm,
  readMeasureForm,
} from './measureForm';

const NOTHING = 'nothing';

export interface MeasureDialogProps {
  model: string;
  version: number;
  isClassifier: boolean;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  /** Called with the id of the measurement that was asked for. */
  onAsked(measurement: string): void;
}

/** Asks on which rows a version is measured, and where the truth stands. */
export function MeasureDialog(props: MeasureDialogProps) {
  const { model, version, isClassifier } = props;
  const registry = useApi(aiRegistryApiRef);
  const environments = useEnvironments();
  const [form, setForm] = useState<MeasureForm>({
    dataset: '',
    version: '',
    target: '',
    slices: '',
    protected: '',
    positive: '',
    compareWith: '',
  });
  const [errors, setErrors] = useState<MeasureErrors>({});
  const found = useDatasetVersions(form);
  const columns =
    found.versions.find(({ version: number }) => `${number}` === found.chosen)
      ?.columns ?? [];
  const change = (part: Partial<MeasureForm>) => {
    setForm(old => ({ ...old, ...part }));
    setErrors({});
  };
  const submit = async () => {
    const read = readMeasureForm({ ...form, version: found.chosen });
    setErrors(read.errors ?? {});
    if (!read.measurement) return false;
    const { id } = await registry.createMeasurement(
      { model, version },
      read.measurement,
    );
    props.onAsked(id);
    return true;
  };
  return (
    <FormDialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={`Measure version ${version}`}
      submitLabel="Measure"
      failedTitle="It is not measured"
      onSubmit={submit}
    >
      <DatasetVersionFields
        labels={['Dataset', 'Version of the dataset']}
        description="Rows that training did not see, with a column for each feature and one with the truth."
        dataset={form.dataset}
        errors={errors}
        found={found}
        onChange={choice =>
          change(
            choice.dataset === undefined ? choice : { ...choice, target: '' },
          )
        }
      />
      <Select
        label="Column with the truth"
        description={errors.target}
        isInvalid={errors.target !== undefined}
        placeholder="Choose a column"
        options={columns.map(({ name }) => ({ id: name, label: name }))}
        value={form.target || null}
        onChange={value => change({ target: `${value}` })}
      />
      <TextField
        label="Slices"
        description="Columns, with commas between: each of their values is looked at apart."
        value={form.slices}
        onChange={slices => change({ slices })}
        {...fieldError(errors.slices)}
      />
      {isClassifier && (
        <>
          <TextField
            label="Groups to treat alike"
            description="A column, such as one of age groups; nothing is asked of fairness when it is empty."
            value={form.protected}
            onChange={value => change({ protected: value })}
          />
          <TextField
            label="Class that counts as being selected"
            description="The second one of two when it is empty."
            value={form.positive}
            onChange={positive => change({ positive })}
          />
        </>
      )}
      <Select
        label="Compare with"
        description="What runs there is measured with the same."
        options={[
          { id: NOTHING, label: 'Nothing' },
          ...environments.all.map(({ name, title }) => ({
            id: name,
            label: title,
          })),
        ]}
        value={form.compareWith || NOTHING}
        onChange={value =>
          change({ compareWith: value === NOTHING ? '' : `${value}` })
        }
      />
    </FormDialog>
  );
}
