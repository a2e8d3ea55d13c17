import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import {
  Checkbox,
  CheckboxGroup,
  Radio,
  RadioGroup,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { fieldError, FormDialog, useEnvironments } from '@greenroom/ai-react';
import type { PromptScorer } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import {
  DatasetVersionFields,
  useDatasetVersions,
} from '../measurements/DatasetVersionFields';
import { evaluationRunRouteRef } from '../routes';
import {
  type EvaluateErrors,
  type EvaluateForm,
  readEvaluateForm,
} from './evaluateForm';

export interface EvaluateDialogProps {
  model: string;
  version: number;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** Asks which prompts, over whose connection and how answers are judged; goes to the run's page. */
export function EvaluateDialog(props: EvaluateDialogProps) {
  const { model, version } = props;
  const environments = useEnvironments();
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const runLink = useRouteRef(evaluationRunRouteRef);
  const [form, setForm] = useState<EvaluateForm>({
    environment: environments.last.name,
    dataset: '',
    version: '',
    kinds: ['exact'],
    ignoreCase: true,
    pattern: '',
    schema: '',
    rows: '',
  });
  const [errors, setErrors] = useState<EvaluateErrors>({});
  const found = useDatasetVersions(form);
  const change = (part: Partial<EvaluateForm>) => {
    setForm(old => ({ ...old, ...part }));
    setErrors({});
  };
  const submit = async () => {
    const read = readEvaluateForm({ ...form, version: found.chosen });
    setErrors(read.errors ?? {});
    if (!read.run) return false;
    const run = await registry.createEvaluationRun(
      { model, version },
      read.run,
    );
    const target = runLink?.({
      name: model,
      version: String(version),
      run: run.id,
    });
    if (target) navigate(target);
    return true;
  };
  const has = (kind: PromptScorer['kind']) => form.kinds.includes(kind);

  return (
    <FormDialog
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      title={`Evaluate version ${version}`}
      submitLabel="Ask the prompts"
      failedTitle="The prompts are not asked"
      onSubmit={submit}
    >
      <RadioGroup
        label="Environment"
        description="Its data planes ask, over the connection that the version names there."
        orientation="horizontal"
        value={form.environment}
        onChange={environment => change({ environment })}
      >
        {environments.all.map(({ name, title }) => (
          <Radio key={name} value={name}>
            {title}
          </Radio>
        ))}
      </RadioGroup>
      <DatasetVersionFields
        labels={['Prompts', 'Version of the prompts']}
        description="A dataset whose rows have an input."
        dataset={form.dataset}
        errors={errors}
        found={found}
        onChange={change}
      />
      <CheckboxGroup
        label="An answer is right when"
        description={errors.kinds}
        isInvalid={errors.kinds !== undefined}
        value={form.kinds}
        onChange={kinds => change({ kinds: kinds as EvaluateForm['kinds'] })}
      >
        <Checkbox value="exact">it is the row's expected one</Checkbox>
        <Checkbox value="regex">it matches a regular expression</Checkbox>
        <Checkbox value="json-schema">
          it is JSON that a schema accepts
        </Checkbox>
      </CheckboxGroup>
      {(has('exact') || has('regex')) && (
        <Checkbox
          isSelected={form.ignoreCase}
          onChange={ignoreCase => change({ ignoreCase })}
        >
          Capital letters count as small ones
        </Checkbox>
      )}
      {has('regex') && (
        <TextField
          label="Regular expression"
          description="Of JavaScript; the rows' own pattern when it is empty."
          value={form.pattern}
          onChange={pattern => change({ pattern })}
          {...fieldError(errors.pattern)}
        />
      )}
      {has('json-schema') && (
        <TextAreaField
          label="JSON schema"
          rows={4}
          value={form.schema}
          onChange={schema => change({ schema })}
          {...fieldError(errors.schema)}
        />
      )}
      <TextField
        label="Rows at most"
        description="All of them, up to 1,000, when it is empty. Each costs what its tokens cost."
        value={form.rows}
        onChange={rows => change({ rows })}
        {...fieldError(errors.rows)}
      />
    </FormDialog>
  );
}
