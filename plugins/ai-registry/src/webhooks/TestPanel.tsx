import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Button, Select } from '@backstage/ui';
import { ErrorNotice, Panel } from '@greenroom/ai-react';
import type {
  Webhook,
  WebhookEvent,
  WebhookTestResult,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { EVENT_WORDS } from './webhookForm';
import styles from './webhooks.module.css';

export interface TestPanelProps {
  hook: Webhook;
  onTested(): void;
}

/** Sends an example, and says what came back. */
export function TestPanel({ hook, onTested }: TestPanelProps) {
  const registry = useApi(aiRegistryApiRef);
  const [chosen, setChosen] = useState<WebhookEvent>();
  const event =
    chosen && hook.events.includes(chosen) ? chosen : hook.events[0];
  const [isSending, setSending] = useState(false);
  const [result, setResult] = useState<WebhookTestResult>();
  const [failure, setFailure] = useState<Error>();
  const send = async () => {
    setSending(true);
    setResult(undefined);
    setFailure(undefined);
    try {
      setResult(await registry.testWebhook(hook.id, { event }));
    } catch (error) {
      setFailure(toError(error));
    } finally {
      setSending(false);
      onTested();
    }
  };
  return (
    <Panel
      title="Test"
      description="Sends an example now, as it would be sent if something had happened."
    >
      <div className={styles.row}>
        <Select
          label="Event"
          options={hook.events.map(id => ({ id, label: EVENT_WORDS[id] }))}
          value={event}
          onChange={id => setChosen(id as WebhookEvent)}
        />
        <Button variant="secondary" isPending={isSending} onPress={send}>
          Send a test
        </Button>
      </div>
      <div role="status" className={styles.result}>
        {result && (
          <Alert
            status={result.success ? 'success' : 'warning'}
            icon
            title={
              result.success
                ? 'The receiver took it'
                : 'The receiver did not take it'
            }
            description={describeResult(result)}
          />
        )}
      </div>
      {failure && <ErrorNotice title="The test was not sent" error={failure} />}
    </Panel>
  );
}

function describeResult(result: WebhookTestResult): string {
  const { responseStatus, responseBody, errorMessage } = result;
  return [
    responseStatus !== undefined && `It answered ${responseStatus}.`,
    errorMessage,
    responseBody && `“${responseBody.slice(0, 300)}”`,
  ]
    .filter(Boolean)
    .join(' ');
}
