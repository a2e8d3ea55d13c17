import {
  Button,
  Container,
  Flex,
  Header,
  TextField,
  VisuallyHidden,
} from '@backstage/ui';
import {
  EmptyState,
  ErrorNotice,
  Panel,
  Placeholder,
} from '@greenroom/ai-react';
import { useState } from 'react';
import useDebounce from 'react-use/esm/useDebounce';
import styles from './audit.module.css';
import { hasOlder } from './auditLog';
import { AuditTable } from './AuditTable';
import {
  type AuditFilterName,
  toAuditFilter,
  useAuditFilter,
} from './useAuditFilter';
import { useAuditLog } from './useAuditLog';

const TYPING_MILLIS = 300;
const FIELDS: { name: AuditFilterName; label: string; example?: string }[] = [
  { name: 'model', label: 'Model', example: 'digits' },
  { name: 'actor', label: 'Who', example: 'user:default/ada' },
  { name: 'action', label: 'What', example: 'version-created' },
  { name: 'from', label: 'From' },
  { name: 'to', label: 'Until' },
];

/** What was changed on the platform, by whom: the logs of all its plugins. */
export function AuditPage() {
  const filter = useAuditFilter();
  const log = useAuditLog(toAuditFilter(filter.values));
  const { shown } = log.state;
  return (
    <>
      <Header
        title="Audit log"
        description="What was changed, by whom, and what it was before. Administrators see everything, others what happened to that which they own."
      />
      <Container>
        <Panel title="Changes">
          <div className={styles.filters} role="search" aria-label="Changes">
            {FIELDS.map(field => (
              <FilterField
                key={field.name}
                {...field}
                value={filter.values[field.name] ?? ''}
                onChange={value => filter.set(field.name, value)}
              />
            ))}
            {filter.isActive && (
              <Button size="small" variant="tertiary" onPress={filter.clear}>
                Clear filters
              </Button>
            )}
          </div>
          {log.phase === 'failed' && (
            <ErrorNotice
              title="Loading the audit log failed"
              error={log.error}
              onRetry={log.readOlder}
            />
          )}
          {shown.length > 0 && <AuditTable entries={shown} />}
          {log.phase === 'loading' && shown.length === 0 && <Loading />}
          {log.phase === 'read' && shown.length === 0 && (
            <EmptyState
              title={filter.isActive ? 'No change fits' : 'No changes yet'}
              description={
                filter.isActive
                  ? 'Names have to be whole: the model as code calls it, a person as user:default/ada.'
                  : 'What is changed from now on is shown here: models, versions, promotions, rollouts and keys that you may see.'
              }
            />
          )}
          {shown.length > 0 && hasOlder(log.state) && (
            <Flex justify="center" mt="3">
              <Button
                variant="secondary"
                size="small"
                loading={log.phase === 'loading'}
                onPress={log.readOlder}
              >
                Older changes
              </Button>
            </Flex>
          )}
        </Panel>
      </Container>
    </>
  );
}

function FilterField(props: {
  name: AuditFilterName;
  label: string;
  example?: string;
  value: string;
  onChange(value: string): void;
}) {
  const { name, label, example, value, onChange } = props;
  const isDay = name === 'from' || name === 'to';
  const [typed, setTyped] = useState(value);
  const [applied, setApplied] = useState(value);
  // Cleared, or changed by the browser's buttons.
  if (value !== applied) {
    setApplied(value);
    setTyped(value);
  }
  useDebounce(
    () => {
      if (typed.trim() !== value) onChange(typed.trim());
    },
    TYPING_MILLIS,
    [typed],
  );
  return isDay ? (
    <label className={styles.day}>
      <span>{label}</span>
      <input
        type="date"
        value={typed}
        max="9999-12-31"
        onChange={event => setTyped(event.target.value)}
      />
    </label>
  ) : (
    <TextField
      size="small"
      label={label}
      placeholder={example}
      value={typed}
      onChange={setTyped}
    />
  );
}

function Loading() {
  return (
    <Flex direction="column" gap="3" aria-busy="true">
      <VisuallyHidden role="status">Loading the audit log</VisuallyHidden>
      {Array.from({ length: 6 }, (_, index) => (
        <Placeholder key={index} height={40} />
      ))}
    </Flex>
  );
}
