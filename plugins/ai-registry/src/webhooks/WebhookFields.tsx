import {
  Checkbox,
  CheckboxGroup,
  Combobox,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';
import {
  WEBHOOK_EVENTS,
  type WebhookEvent,
} from '@greenroom/plugin-ai-registry-common';
import {
  EVENT_WORDS,
  type WebhookForm,
  type WebhookFormErrors,
} from './webhookForm';
import styles from './webhooks.module.css';

export interface WebhookFieldsProps {
  form: WebhookForm;
  errors: WebhookFormErrors;
  onChange(part: Partial<WebhookForm>): void;
  /** Models to choose from; undefined for a hook that is there, which stays with its own. */
  models?: { name: string; title: string }[];
  /** Whether it may tell of all. */
  mayTellOfAll: boolean;
}

/** What is said of a hook. */
export function WebhookFields(props: WebhookFieldsProps) {
  const { form, errors, onChange, models, mayTellOfAll } = props;
  return (
    <>
      <TextField
        label="Name"
        description="Letters, digits, dots, underscores and dashes."
        isRequired
        value={form.name}
        {...fieldError(errors.name)}
        onChange={name => onChange({ name })}
      />
      <TextField
        label="Address"
        description="Where the receiver listens. It is shown to whoever may manage the hook: no secrets in it."
        isRequired
        type="url"
        value={form.url}
        {...fieldError(errors.url)}
        onChange={url => onChange({ url })}
      />
      {models && (
        <Combobox
          label="Model"
          description={
            mayTellOfAll
              ? 'Empty for all models, those included that the receiver’s people may not see.'
              : 'The model that it tells of: one that you may change.'
          }
          isRequired={!mayTellOfAll}
          allowsCustomValue
          options={models.map(({ name, title }) => ({
            id: name,
            label: title === name ? name : `${name} (${title})`,
          }))}
          search={{
            inputValue: form.model,
            onInputChange: (model: string) =>
              // A choice brings its words along.
              onChange({ model: model.replace(/ \(.*\)$/, '') }),
          }}
          {...fieldError(errors.model)}
        />
      )}
      <CheckboxGroup
        label="Tell of"
        value={form.events}
        {...fieldError(errors.events)}
        onChange={events => onChange({ events: events as WebhookEvent[] })}
        className={styles.events}
      >
        {WEBHOOK_EVENTS.map(event => (
          <Checkbox key={event} value={event}>
            {EVENT_WORDS[event]}
          </Checkbox>
        ))}
      </CheckboxGroup>
      <TextAreaField
        label="Description"
        rows={2}
        value={form.description}
        onChange={description => onChange({ description })}
      />
    </>
  );
}
