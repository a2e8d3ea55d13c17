import { VisuallyHidden } from '@backstage/ui';
import {
  formatNumber,
  PersonName,
  PlainTable,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { ApiKey } from '@greenroom/plugin-ai-inference-common';
import { useNow } from '../view/useNow';
import { keyState } from './keyState';
import { LimitsButton } from './LimitsButton';
import { RevokeKeyButton } from './RevokeKeyButton';
import styles from './keys.module.css';

interface KeysTableProps {
  keys: ApiKey[];
  /** Whether the person may take it away, and say its limits. */
  mayRevoke(key: ApiKey): boolean;
  onChanged(): void;
}

const STATES = {
  active: ['good', 'Active'],
  expired: ['neutral', 'Expired'],
  revoked: ['bad', 'Revoked'],
} as const;

export function KeysTable({ keys, mayRevoke, onChanged }: KeysTableProps) {
  const now = useNow(30_000);
  return (
    <PlainTable
      label="Table: Keys"
      className={styles.keys}
      columns={[
        'Name',
        'State',
        'Owner',
        'Models',
        'Tokens',
        'Issued',
        'Last used',
        'Ends',
        <VisuallyHidden key="actions">Actions</VisuallyHidden>,
      ]}
    >
      {keys.map(key => {
        const state = keyState(key, now);
        const [tone, text] = STATES[state];
        return (
          <tr key={key.id}>
            <th scope="row">
              {key.name}
              <code className={styles.prefix}>{key.prefix}…</code>
            </th>
            <td>
              <StatusPill tone={tone}>{text}</StatusPill>
            </td>
            <td>
              <PersonName entityRef={key.owner} />
            </td>
            <td>{key.models.includes('*') ? 'all' : key.models.join(', ')}</td>
            <td>
              <Tokens apiKey={key} />
            </td>
            <td>
              <RelativeTime at={key.createdAt} />
              <span className={styles.subtle}>
                <PersonName entityRef={key.createdBy} />
              </span>
            </td>
            <td>
              {key.lastUsedAt ? <RelativeTime at={key.lastUsedAt} /> : 'never'}
            </td>
            <td>
              <KeyEnd apiKey={key} />
            </td>
            <td className={styles.actions}>
              {state === 'active' && mayRevoke(key) && (
                <>
                  <LimitsButton apiKey={key} onChanged={onChanged} />{' '}
                  <RevokeKeyButton apiKey={key} onRevoked={onChanged} />
                </>
              )}
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}

function Tokens({ apiKey: { limits, usedToday } }: { apiKey: ApiKey }) {
  if (!limits) return <>any</>;
  return (
    <>
      {limits.perMinute !== undefined && (
        <div>{formatNumber(limits.perMinute)} a minute</div>
      )}
      {limits.perDay !== undefined && (
        <div>{formatNumber(limits.perDay)} a day</div>
      )}
      {usedToday?.map(({ environment, tokens }) => (
        <span key={environment} className={styles.subtle}>
          {formatNumber(tokens)} today in {environment}
        </span>
      ))}
    </>
  );
}

function KeyEnd({ apiKey }: { apiKey: ApiKey }) {
  if (apiKey.revokedAt) {
    return (
      <>
        revoked <RelativeTime at={apiKey.revokedAt} />
      </>
    );
  }
  return <RelativeTime at={apiKey.expiresAt} />;
}
