import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import type { Webhook } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { webhooksRouteRef } from '../routes';
import { SecretDialog } from './SecretDialog';
import { WebhookFields } from './WebhookFields';
import {
  changesOf,
  newSecret,
  readWebhook,
  type WebhookFormErrors,
} from './webhookForm';
import styles from './webhooks.module.css';

export interface WebhookActionsProps {
  hook: Webhook;
  /** After something was changed. */
  onDone(): void;
}

/** Whoever sees a hook may manage it. */
export function WebhookActions(props: WebhookActionsProps) {
  return (
    <div className={styles.row}>
      <EditButton {...props} />
      <SecretButton {...props} />
      <StatusButton {...props} />
      <DeleteButton {...props} />
    </div>
  );
}

function EditButton({ hook, onDone }: WebhookActionsProps) {
  const registry = useApi(aiRegistryApiRef);
  const before = { ...hook, model: hook.model ?? '' };
  const [isOpen, setOpen] = useState(false);
  const [form, setForm] = useState(before);
  const [errors, setErrors] = useState<WebhookFormErrors>({});
  const submit = async () => {
    const read = readWebhook(form, { mayTellOfAll: true });
    setErrors(read.errors ?? {});
    if (!read.hook) return false;
    await registry.updateWebhook(hook.id, changesOf(read.hook));
    onDone();
    return true;
  };
  return (
    <>
      <Button
        variant="secondary"
        onPress={() => {
          setForm(before);
          setErrors({});
          setOpen(true);
        }}
      >
        Edit
      </Button>
      <FormDialog
        title="Edit the web hook"
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Save"
        failedTitle="The web hook was not changed"
        onSubmit={submit}
      >
        <WebhookFields
          form={form}
          errors={errors}
          mayTellOfAll
          onChange={part => {
            setForm(old => ({ ...old, ...part }));
            setErrors({});
          }}
        />
      </FormDialog>
    </>
  );
}

function SecretButton({ hook, onDone }: WebhookActionsProps) {
  const registry = useApi(aiRegistryApiRef);
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        New secret
      </Button>
      <FormDialog
        title="Make a new secret"
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Make the secret"
        failedTitle="The secret stays as it is"
        onSubmit={async () => {
          const next = newSecret();
          await registry.updateWebhook(hook.id, { secret: next });
          setSecret(next);
          onDone();
        }}
      >
        <Text as="p">
          {hook.hasSecret
            ? 'From now on, deliveries are signed with the new one: until your receiver has it, it takes them for forged. What it refuses meanwhile is tried again.'
            : 'From now on, deliveries are signed, and your receiver can check that they are genuine.'}
        </Text>
      </FormDialog>
      <SecretDialog
        made={secret === undefined ? undefined : { name: hook.name, secret }}
        onClose={() => setSecret(undefined)}
      />
    </>
  );
}

function StatusButton({ hook, onDone }: WebhookActionsProps) {
  const registry = useApi(aiRegistryApiRef);
  const [isOpen, setOpen] = useState(false);
  const isActive = hook.status === 'ACTIVE';
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        {isActive ? 'Disable' : 'Enable'}
      </Button>
      <FormDialog
        title={isActive ? 'Disable the web hook' : 'Enable the web hook'}
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel={isActive ? 'Disable it' : 'Enable it'}
        failedTitle="The web hook stays as it is"
        onSubmit={async () => {
          await registry.updateWebhook(hook.id, {
            status: isActive ? 'DISABLED' : 'ACTIVE',
          });
          onDone();
        }}
      >
        <Text as="p">
          {isActive
            ? 'Nothing is delivered any more, and what happens meanwhile is not told afterwards.'
            : 'It tells of what happens from now on.'}
        </Text>
      </FormDialog>
    </>
  );
}

function DeleteButton({ hook }: WebhookActionsProps) {
  const registry = useApi(aiRegistryApiRef);
  const navigate = useNavigate();
  const toWebhooks = useRouteRef(webhooksRouteRef);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        Delete
      </Button>
      <FormDialog
        title={`Delete “${hook.name}”?`}
        isOpen={isOpen}
        onOpenChange={setOpen}
        submitLabel="Delete the web hook"
        failedTitle="The web hook was not deleted"
        destructive
        onSubmit={async () => {
          await registry.deleteWebhook(hook.id);
          navigate(toWebhooks?.() ?? '..');
        }}
      >
        <Text as="p">
          Its deliveries are deleted with it, those that wait included. It
          cannot be brought back; to silence it for a while, disable it.
        </Text>
      </FormDialog>
    </>
  );
}
