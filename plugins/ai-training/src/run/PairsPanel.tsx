import { EmptyState, Panel, PlainTable } from '@greenroom/ai-react';
import { SearchField } from '@backstage/ui';
import { useState } from 'react';
import styles from './run.module.css';

export interface PairsPanelProps {
  title: string;
  /** What one of them is called. */
  names: string;
  pairs: Record<string, string>;
  /** Shown where there is none; without it, the panel is left out. */
  emptyText?: string;
}

/** Of more, one searches. */
const SEARCHED_FROM = 12;

/** Names with their texts. */
export function PairsPanel(props: PairsPanelProps) {
  const { title, names, pairs, emptyText } = props;
  const [search, setSearch] = useState('');
  const all = Object.entries(pairs).sort(([a], [b]) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  if (all.length === 0 && emptyText === undefined) return null;
  const wanted = search.trim().toLocaleLowerCase('en');
  const shown = all.filter(pair =>
    pair.some(text => text.toLocaleLowerCase('en').includes(wanted)),
  );
  return (
    <Panel title={`${title} (${all.length})`}>
      {all.length >= SEARCHED_FROM && (
        <SearchField
          aria-label={`Search ${title.toLocaleLowerCase('en')}`}
          size="small"
          value={search}
          onChange={setSearch}
        />
      )}
      {all.length === 0 ? (
        <EmptyState title="None" description={emptyText} />
      ) : (
        <PlainTable
          label={title}
          columns={[names, 'Value']}
          look="facts"
          className={styles.pairs}
        >
          {shown.map(([name, value]) => (
            <tr key={name}>
              <th scope="row" className={styles.pairName}>
                {name}
              </th>
              <td className={styles.pairValue}>{value}</td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Panel>
  );
}
