import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  ToggleButton,
  ToggleButtonGroup,
  VisuallyHidden,
} from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  formatMillis,
  Loaded,
  Panel,
  PlainTable,
  RelativeTime,
  StatusPill,
  useLive,
} from '@greenroom/ai-react';
import type {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryState,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import styles from './webhooks.module.css';

export interface DeliveriesPanelProps {
  hook: Webhook;
  /** How many were sent while the page is open: another one is seen at once. */
  tests: number;
  onReplayed(): void;
}

const PAGE = 50;
const POLL_MILLIS = 5_000;
const STATES = {
  PENDING: ['progress', 'Waits'],
  DELIVERED: ['good', 'Delivered'],
  FAILED: ['bad', 'Failed'],
} as const;

/** What the hook told, newest first, with what the receiver answered. */
export function DeliveriesPanel(props: DeliveriesPanelProps) {
  const { hook, tests, onReplayed } = props;
  const registry = useApi(aiRegistryApiRef);
  const [state, setState] = useState<WebhookDeliveryState>();
  const [pages, setPages] = useState(1);
  const [failure, setFailure] = useState<Error>();
  const live = useLive(
    async signal => {
      const items: WebhookDelivery[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < pages; page++) {
        const answer = await registry.listWebhookDeliveries(
          hook.id,
          { state, limit: PAGE, cursor },
          { signal },
        );
        items.push(...answer.items);
        cursor = answer.nextCursor;
        if (cursor === undefined) break;
      }
      return { items, hasMore: cursor !== undefined };
    },
    [hook.id, state, pages, hook.failures, tests],
    { pollMillis: POLL_MILLIS, keepPrevious: true },
  );
  const replay = async (delivery: WebhookDelivery) => {
    setFailure(undefined);
    try {
      await registry.replayWebhookDelivery(hook.id, delivery.id);
      live.refresh();
      onReplayed();
    } catch (error) {
      setFailure(toError(error));
    }
  };
  return (
    <Panel
      title="Deliveries"
      description="Of the last 30 days, newest first."
      actions={
        <ToggleButtonGroup
          aria-label="Which deliveries"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[state ?? 'all']}
          onSelectionChange={chosen => {
            const [key] = [...chosen];
            setPages(1);
            setState(key === 'all' ? undefined : (key as WebhookDeliveryState));
          }}
        >
          <ToggleButton id="all">All</ToggleButton>
          <ToggleButton id="FAILED">Failed</ToggleButton>
          <ToggleButton id="PENDING">Waiting</ToggleButton>
        </ToggleButtonGroup>
      }
    >
      {failure && (
        <ErrorNotice title="It was not sent once more" error={failure} />
      )}
      <Loaded live={live} what="the deliveries" skeleton={[40, 40]}>
        {({ items, hasMore }) =>
          items.length === 0 ? (
            <EmptyState
              title={state ? 'None of these' : 'Nothing delivered yet'}
              description={
                state
                  ? 'Look at all of them.'
                  : 'Send a test, or wait until something happens that it tells of.'
              }
            />
          ) : (
            <>
              <Deliveries items={items} hook={hook} onReplay={replay} />
              {hasMore && (
                <Button
                  size="small"
                  variant="secondary"
                  onPress={() => setPages(pages + 1)}
                >
                  Show more
                </Button>
              )}
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Deliveries(props: {
  items: WebhookDelivery[];
  hook: Webhook;
  onReplay(delivery: WebhookDelivery): void;
}) {
  const { items, hook, onReplay } = props;
  return (
    <PlainTable
      label="Deliveries"
      columns={[
        'Event',
        'State',
        'Answer',
        'When',
        <VisuallyHidden key="actions">Actions</VisuallyHidden>,
      ]}
      className={styles.hooks}
    >
      {items.map(delivery => {
        const [tone, text] = STATES[delivery.state];
        return (
          <tr key={delivery.id}>
            <th scope="row">
              <code>{delivery.event}</code>
              {delivery.isTest && <span className={styles.subtle}>a test</span>}
              <details className={styles.details}>
                <summary>What was sent</summary>
                <pre className={styles.body}>{delivery.body}</pre>
              </details>
            </th>
            <td>
              <StatusPill tone={tone}>{text}</StatusPill>
              <span className={styles.subtle}>
                {delivery.attempts === 1
                  ? '1 try'
                  : `${delivery.attempts} tries`}
                {delivery.dueAt && (
                  <>
                    , next <RelativeTime at={delivery.dueAt} />
                  </>
                )}
              </span>
            </td>
            <td>
              <Answer delivery={delivery} />
            </td>
            <td>
              <RelativeTime at={delivery.createdAt} />
            </td>
            <td>
              {delivery.state !== 'PENDING' && hook.status === 'ACTIVE' && (
                <Button
                  size="small"
                  variant="secondary"
                  aria-label={`Send once more: ${delivery.event}`}
                  onPress={() => onReplay(delivery)}
                >
                  Send once more
                </Button>
              )}
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}

function Answer({ delivery }: { delivery: WebhookDelivery }) {
  const { responseStatus, responseBody, error, durationMillis } = delivery;
  return (
    <>
      {responseStatus ?? '–'}
      <span className={styles.subtle}>
        {durationMillis !== undefined && formatMillis(durationMillis)}
      </span>
      {error && <span className={styles.error}>{error}</span>}
      {responseBody && (
        <details className={styles.details}>
          <summary>What came back</summary>
          <pre className={styles.body}>{responseBody}</pre>
        </details>
      )}
    </>
  );
}
