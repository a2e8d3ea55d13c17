import { VisuallyHidden } from '@backstage/ui';
import {
  PersonName,
  PlainTable,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { ServiceToken } from '@greenroom/plugin-ai-registry-common';
import { tokenState } from './newToken';
import { RevokeTokenButton } from './RevokeTokenButton';
import styles from './serviceTokens.module.css';

const STATES = {
  active: ['good', 'Active'],
  expired: ['neutral', 'Expired'],
  revoked: ['bad', 'Revoked'],
} as const;

interface ServiceTokensTableProps {
  tokens: ServiceToken[];
  onRevoked(): void;
}

export function ServiceTokensTable(props: ServiceTokensTableProps) {
  const { tokens, onRevoked } = props;
  return (
    <PlainTable
      label="Table: Service tokens"
      className={styles.tokens}
      columns={[
        'Name',
        'State',
        'Owner',
        'May',
        'Issued',
        'Last used',
        'Ends',
        <VisuallyHidden key="actions">Actions</VisuallyHidden>,
      ]}
    >
      {tokens.map(token => {
        const state = tokenState(token, Date.now());
        const [tone, text] = STATES[state];
        return (
          <tr key={`${token.source}-${token.name}`}>
            <th scope="row">
              {token.name}
              {token.prefix && (
                <code className={styles.subtle}>{token.prefix}…</code>
              )}
            </th>
            <td>
              <StatusPill tone={tone}>{text}</StatusPill>
            </td>
            <td>
              <PersonName entityRef={token.owner} />
            </td>
            <td>
              <ul className={styles.scopes}>
                {token.scopes.map(({ permission, on }) => (
                  <li key={permission}>
                    {permission}
                    <span className={styles.subtle}>
                      {on ? `on ${on.join(', ')}` : 'on everything'}
                    </span>
                  </li>
                ))}
              </ul>
            </td>
            <td>
              {token.createdAt && token.createdBy ? (
                <>
                  <RelativeTime at={token.createdAt} />
                  <span className={styles.subtle}>
                    <PersonName entityRef={token.createdBy} />
                  </span>
                </>
              ) : (
                'in the configuration'
              )}
            </td>
            <td>
              {token.source === 'configuration' ? 'not recorded' : null}
              {token.source === 'portal' &&
                (token.lastUsedAt ? (
                  <RelativeTime at={token.lastUsedAt} />
                ) : (
                  'never'
                ))}
            </td>
            <td>
              {token.expiresAt ? (
                <RelativeTime at={token.expiresAt} />
              ) : (
                'never'
              )}
            </td>
            <td>
              {token.source === 'portal' && state === 'active' && (
                <RevokeTokenButton name={token.name} onRevoked={onRevoked} />
              )}
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
