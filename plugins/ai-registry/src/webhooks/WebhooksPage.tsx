import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Button, Container, Header, Link } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  ModelName,
  Panel,
  PlainTable,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import type { Webhook } from '@greenroom/plugin-ai-registry-common';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { modelRouteRef, webhookRouteRef } from '../routes';
import { NewWebhookDialog } from './NewWebhookDialog';
import { WebhookPill } from './WebhookPill';
import styles from './webhooks.module.css';

/** Addresses that are told of what happens to models: those that the viewer may manage. */
export function WebhooksPage() {
  const registry = useApi(aiRegistryApiRef);
  const hooks = useLive(signal => registry.listWebhooks({ signal }), []);
  const [isMaking, setMaking] = useState(false);
  const make = (
    <Button
      variant="primary"
      iconStart={<RiAddLine />}
      onPress={() => setMaking(true)}
    >
      New web hook
    </Button>
  );
  return (
    <>
      <Header
        title="Web hooks"
        description="Programs elsewhere are told of what happens to models: a new version starts a pipeline, a moved alias a deployment."
        customActions={make}
      />
      <Container>
        <Loaded live={hooks} what="the web hooks" skeleton={[40, 40, 40]}>
          {({ items }) =>
            items.length === 0 ? (
              <Panel title="Tell another program">
                <EmptyState
                  title="No web hook yet"
                  description="Make one for a model that you may change, and send a test to see whether your receiver takes it. Hooks that tell of all models are made by administrators, who alone see them."
                  action={
                    <Button variant="secondary" onPress={() => setMaking(true)}>
                      Make a web hook
                    </Button>
                  }
                />
              </Panel>
            ) : (
              <WebhooksTable items={items} />
            )
          }
        </Loaded>
      </Container>
      <NewWebhookDialog
        isOpen={isMaking}
        onOpenChange={setMaking}
        onMade={hooks.refresh}
      />
    </>
  );
}

function WebhooksTable({ items }: { items: Webhook[] }) {
  const toWebhook = useRouteRef(webhookRouteRef);
  const toModel = useRouteRef(modelRouteRef);
  return (
    <PlainTable
      label="Web hooks"
      columns={['Name', 'State', 'Tells of', 'Events', 'Address', 'Changed']}
      className={styles.hooks}
    >
      {items.map(hook => (
        <tr key={hook.id}>
          <th scope="row">
            <Link href={toWebhook?.({ id: hook.id }) ?? '#'}>{hook.name}</Link>
            {hook.description && (
              <span className={styles.subtle}>{hook.description}</span>
            )}
          </th>
          <td>
            <WebhookPill hook={hook} />
          </td>
          <td>
            {hook.model ? (
              <Link href={toModel?.({ name: hook.model }) ?? '#'}>
                <ModelName name={hook.model} />
              </Link>
            ) : (
              'All models'
            )}
          </td>
          <td title={hook.events.join(', ')}>
            {hook.events.length === 1
              ? hook.events[0]
              : `${hook.events.length} events`}
          </td>
          <td className={styles.address}>{hook.url}</td>
          <td>
            <RelativeTime at={hook.updatedAt} />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
