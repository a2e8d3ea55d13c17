import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Alert, Container, Header, Link } from '@backstage/ui';
import {
  Facts,
  formatNumber,
  Loaded,
  ModelName,
  Panel,
  PersonName,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import type { Webhook } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { modelRouteRef, webhookRouteRef } from '../routes';
import { DeliveriesPanel } from './DeliveriesPanel';
import { TestPanel } from './TestPanel';
import { WebhookActions } from './WebhookActions';
import { EVENT_WORDS } from './webhookForm';
import { WebhookPill } from './WebhookPill';
import styles from './webhooks.module.css';

/** One hook: what it tells whom, whether the receiver takes it, and what was delivered. */
export function WebhookPage() {
  const { id = '' } = useParams();
  const registry = useApi(aiRegistryApiRef);
  const toWebhook = useRouteRef(webhookRouteRef);
  const live = useLive(signal => registry.getWebhook(id, { signal }), [id]);
  const [tests, setTests] = useState(0);
  const onTested = () => {
    setTests(count => count + 1);
    live.refresh();
  };
  const name = live.value?.name ?? 'Web hook';
  return (
    <BreadcrumbEntry entry={{ label: name, href: toWebhook?.({ id }) ?? '.' }}>
      <Header
        title={name}
        description={live.value?.description || undefined}
        customActions={
          live.value && (
            <WebhookActions hook={live.value} onDone={live.refresh} />
          )
        }
        metadata={
          live.value && [
            { label: 'State', value: <WebhookPill hook={live.value} /> },
            {
              label: 'Made',
              value: <RelativeTime at={live.value.createdAt} />,
            },
            {
              label: 'By',
              value: <PersonName entityRef={live.value.createdBy} />,
            },
          ]
        }
      />
      <Container>
        <Loaded live={live} what="the web hook" skeleton={[120, 240]}>
          {hook => (
            <div className={styles.page}>
              <Troubles hook={hook} />
              <HookFacts hook={hook} />
              <TestPanel hook={hook} onTested={onTested} />
              <DeliveriesPanel
                hook={hook}
                tests={tests}
                onReplayed={live.refresh}
              />
            </div>
          )}
        </Loaded>
      </Container>
    </BreadcrumbEntry>
  );
}

function Troubles({ hook }: { hook: Webhook }) {
  if (hook.status === 'DISABLED') {
    return (
      <Alert
        status="info"
        icon
        title="This web hook is disabled"
        description={`${
          hook.disabledBecause ? `${hook.disabledBecause}. ` : ''
        }Nothing is delivered, and what happens meanwhile is not told afterwards. Enable it to be told again.`}
      />
    );
  }
  if (hook.failures === 0) return null;
  return (
    <Alert
      status="warning"
      icon
      title="The receiver does not take deliveries"
      description="Look below at what it answered, mend the receiver or the address, and send a test. Deliveries are tried again for a day; those that failed can be sent once more."
    />
  );
}

function HookFacts({ hook }: { hook: Webhook }) {
  const toModel = useRouteRef(modelRouteRef);
  return (
    <Panel title="What it tells">
      <Facts
        facts={[
          { label: 'Address', value: <code>{hook.url}</code>, wide: true },
          {
            label: 'Tells of',
            value: hook.model ? (
              <Link href={toModel?.({ name: hook.model }) ?? '#'}>
                <ModelName name={hook.model} />
              </Link>
            ) : (
              'All models'
            ),
          },
          {
            label: 'Signed',
            value: hook.hasSecret ? 'With its secret' : 'No: it has no secret',
          },
          {
            label: 'Dropped',
            value:
              hook.dropped > 0
                ? `${formatNumber(hook.dropped)}, because too many waited`
                : undefined,
          },
          {
            label: 'When',
            value: (
              <ul className={styles.told}>
                {hook.events.map(event => (
                  <li key={event}>
                    {EVENT_WORDS[event]} <code>{event}</code>
                  </li>
                ))}
              </ul>
            ),
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}
