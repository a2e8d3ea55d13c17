import {
  Checkbox,
  CheckboxGroup,
  Radio,
  RadioGroup,
  Select,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';
import { EXTERNAL_TASKS, TENSOR_PROTOCOLS } from '@greenroom/bundle-file';
import type { ExternalErrors, ExternalForm } from './externalForm';

const TASK_LABELS: Record<ExternalForm['tasks'][number], string> = {
  chat: 'Chat',
  completions: 'Completions',
  embeddings: 'Embeddings',
};

const PROTOCOL_LABELS: Record<ExternalForm['protocol'], string> = {
  'open-inference': 'Open Inference Protocol v2',
  instances: 'Rows (instances and predictions)',
};

interface FieldsProps {
  form: ExternalForm;
  errors: ExternalErrors;
  onChange(part: Partial<ExternalForm>): void;
}

/** Asks for the descriptor of a model that a provider runs. */
export function ExternalFields(props: FieldsProps) {
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
      <RadioGroup
        label="It takes"
        orientation="horizontal"
        value={form.takes}
        onChange={takes =>
          onChange({ takes: takes === 'tensors' ? 'tensors' : 'texts' })
        }
      >
        <Radio value="texts">Texts</Radio>
        <Radio value="tensors">Tensors</Radio>
      </RadioGroup>
      {form.takes === 'tensors' ? (
        <TensorFields form={form} errors={errors} onChange={onChange} />
      ) : (
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
      )}
      <TextAreaField
        label="Parameters"
        description={
          form.takes === 'tensors'
            ? 'JSON that goes along with each request.'
            : 'JSON as OpenAI\'s API names them, for callers who give none: {"temperature": 0.2}'
        }
        rows={2}
        value={form.parameters}
        {...fieldError(errors.parameters)}
        onChange={parameters => onChange({ parameters })}
      />
      {form.takes === 'texts' && (
        <TextAreaField
          label="System message"
          description="Comes before the messages of callers, and is part of the version."
          rows={3}
          value={form.systemMessage}
          {...fieldError(errors.systemMessage)}
          onChange={systemMessage => onChange({ systemMessage })}
        />
      )}
    </>
  );
}

function TensorFields({ form, errors, onChange }: FieldsProps) {
  return (
    <>
      <Select
        label="Protocol"
        description="How the endpoint takes tensors."
        selectedKey={form.protocol}
        onSelectionChange={key => {
          const protocol = TENSOR_PROTOCOLS.find(one => one === key);
          if (protocol) onChange({ protocol });
        }}
        options={TENSOR_PROTOCOLS.map(protocol => ({
          value: protocol,
          label: PROTOCOL_LABELS[protocol],
        }))}
      />
      <TextAreaField
        label="Inputs and outputs"
        description="JSON as GET /v2/models/<model> of an Open Inference server answers; -1 is a free dimension."
        isRequired
        rows={5}
        value={form.signature}
        {...fieldError(errors.signature)}
        onChange={signature => onChange({ signature })}
      />
    </>
  );
}
