import { VisuallyHidden } from '@backstage/ui';
import {
  PersonName,
  PlainTable,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { ApiKey, KeyScope } from '@greenroom/plugin-ai-inference-common';
import { useNow } from '../view/useNow';
import { keyState } from './keyState';
import { EditKeyButton } from './EditKeyButton';
import { KeyLimitsList } from './KeyLimitsList';
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

const SCOPES: Record<KeyScope, string> = {
  versions: 'and versions by name',
  load: 'and loads them',
  train: 'and trains',
};

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
        'Limits',
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
            <td>
              {key.models.includes('*') ? 'all' : key.models.join(', ')}
              {key.scopes.map(scope => (
                <span key={scope} className={styles.subtle}>
                  {SCOPES[scope]}
                </span>
              ))}
            </td>
            <td>
              <KeyLimitsList apiKey={key} />
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
                  <EditKeyButton apiKey={key} onChanged={onChanged} />{' '}
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
