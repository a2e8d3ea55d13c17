import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Switch } from '@backstage/ui';
import { FormDialog, useLive } from '@greenroom/ai-react';
import { aiWebhookManagePermission } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { SecretDialog } from './SecretDialog';
import { WebhookFields } from './WebhookFields';
import {
  EMPTY_WEBHOOK,
  newSecret,
  readWebhook,
  type WebhookForm,
  type WebhookFormErrors,
} from './webhookForm';
import styles from './webhooks.module.css';

export interface NewWebhookDialogProps {
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  onMade(): void;
}

/** As many as one request gives; others are written by name. */
const MOST_MODELS = 100;
const POLL_MILLIS = 10 * 60_000;

/** Asks what a hook is to tell, and whom; makes it with a secret that is shown once. */
export function NewWebhookDialog(props: NewWebhookDialogProps) {
  const { isOpen, onOpenChange, onMade } = props;
  const registry = useApi(aiRegistryApiRef);
  const [form, setForm] = useState(EMPTY_WEBHOOK);
  const [errors, setErrors] = useState<WebhookFormErrors>({});
  const [isSigned, setSigned] = useState(true);
  const [made, setMade] = useState<{ name: string; secret: string }>();
  const mayTellOfAll = usePermission({
    permission: aiWebhookManagePermission,
  }).allowed;
  const models = useLive(
    signal => registry.listModels({ limit: MOST_MODELS }, { signal }),
    [],
    { pollMillis: POLL_MILLIS },
  );
  const change = (part: Partial<WebhookForm>) => {
    setForm(old => ({ ...old, ...part }));
    setErrors(old => ({
      ...old,
      ...Object.fromEntries(Object.keys(part).map(name => [name, undefined])),
    }));
  };
  const submit = async () => {
    const read = readWebhook(form, { mayTellOfAll });
    setErrors(read.errors ?? {});
    if (!read.hook) return false;
    const secret = isSigned ? newSecret() : undefined;
    const { name } = await registry.createWebhook({ ...read.hook, secret });
    setForm(EMPTY_WEBHOOK);
    onMade();
    if (secret) setMade({ name, secret });
    return true;
  };
  return (
    <>
      <FormDialog
        title="New web hook"
        isOpen={isOpen}
        onOpenChange={onOpenChange}
        submitLabel="Make web hook"
        failedTitle="The web hook was not made"
        onSubmit={submit}
      >
        <WebhookFields
          form={form}
          errors={errors}
          onChange={change}
          models={models.value?.items ?? []}
          mayTellOfAll={mayTellOfAll}
        />
        <div>
          <Switch
            label="Sign deliveries"
            isSelected={isSigned}
            onChange={setSigned}
          />
          <p className={styles.help}>
            {isSigned
              ? 'A secret is made and shown once: with it, your receiver knows that a delivery is genuine.'
              : 'Anybody who knows the address can pretend to be this portal.'}
          </p>
        </div>
      </FormDialog>
      <SecretDialog made={made} onClose={() => setMade(undefined)} />
    </>
  );
}
