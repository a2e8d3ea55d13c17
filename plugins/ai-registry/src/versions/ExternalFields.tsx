import {
  Checkbox,
  CheckboxGroup,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { EXTERNAL_TASKS } from '@greenroom/bundle-file';
import { fieldError } from '../view/fieldError';
import type { ExternalErrors, ExternalForm } from './externalForm';

const TASK_LABELS: Record<ExternalForm['tasks'][number], string> = {
  chat: 'Chat',
  completions: 'Completions',
  embeddings: 'Embeddings',
};

/** Asks for the descriptor of a model that a provider runs. */
export function ExternalFields(props: {
  form: ExternalForm;
  errors: ExternalErrors;
  onChange(part: Partial<ExternalForm>): void;
}) {
  const { form, errors, onChange } = props;
  return (
    <>
      <TextField
        label="Connection"
        description="Its name; each environment says which provider that is there (greenroom.environments[].connections)."
        isRequired
        value={form.connection}
        {...fieldError(errors.connection)}
        onChange={connection => onChange({ connection })}
      />
      <TextField
        label="Model"
        description="As the provider calls it, with a pinned revision where it has some, such as gpt-4o-2024-08-06."
        isRequired
        value={form.model}
        {...fieldError(errors.model)}
        onChange={model => onChange({ model })}
      />
      <CheckboxGroup
        label="Tasks"
        orientation="horizontal"
        value={form.tasks}
        {...fieldError(errors.tasks)}
        onChange={chosen =>
          onChange({
            tasks: EXTERNAL_TASKS.filter(task => chosen.includes(task)),
          })
        }
      >
        {EXTERNAL_TASKS.map(task => (
          <Checkbox key={task} value={task}>
            {TASK_LABELS[task]}
          </Checkbox>
        ))}
      </CheckboxGroup>
      <TextAreaField
        label="Parameters"
        description={
          'JSON as OpenAI\'s API names them, for callers who give none: {"temperature": 0.2}'
        }
        rows={2}
        value={form.parameters}
        {...fieldError(errors.parameters)}
        onChange={parameters => onChange({ parameters })}
      />
      <TextAreaField
        label="System message"
        description="Comes before the messages of callers, and is part of the version."
        rows={3}
        value={form.systemMessage}
        {...fieldError(errors.systemMessage)}
        onChange={systemMessage => onChange({ systemMessage })}
      />
    </>
  );
}
