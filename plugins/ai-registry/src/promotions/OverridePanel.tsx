import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, Text, TextAreaField } from '@backstage/ui';
import {
  fieldError,
  FormDialog,
  Panel,
  PersonName,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type {
  Gate,
  PromotionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import panelStyles from './OverridePanel.module.css';
import styles from './ReviewList.module.css';

export interface OverridePanelProps {
  promotion: PromotionDetail;
  /** Called after the registry took an override. */
  onChanged(): void;
}

/** Gates that somebody let pass, and those that the reader may let pass; nothing where there are none. */
export function OverridePanel({ promotion, onChanged }: OverridePanelProps) {
  const { overrides, override, gates } = promotion;
  const [chosen, setChosen] = useState<Gate>();
  const titleOf = (id: Gate['id']) =>
    gates.find(gate => gate.id === id)?.title ?? id;
  const open = override.allowed
    ? gates.filter(({ id }) => override.gates.includes(id))
    : [];
  if (overrides.length === 0 && open.length === 0) return null;
  return (
    <Panel title="Overrides">
      {overrides.length > 0 && (
        <ul className={styles.reviews} aria-label="Overridden gates">
          {overrides.map(({ gate, by, reason, at, isInForce }) => (
            <li key={`${gate} ${at}`}>
              <div className={styles.head}>
                <PersonName entityRef={by} />
                <StatusPill tone={isInForce ? 'warning' : 'neutral'}>
                  {isInForce ? 'overridden' : 'of an earlier revision'}
                </StatusPill>
                <span className={styles.when}>
                  <RelativeTime at={at} />
                </span>
              </div>
              <p className={styles.comment}>
                The gate “{titleOf(gate)}”: {reason}
              </p>
            </li>
          ))}
        </ul>
      )}
      <Flex gap="2" style={{ flexWrap: 'wrap' }}>
        {open.map(gate => (
          <Button
            key={gate.id}
            variant="secondary"
            size="small"
            className={panelStyles.override}
            onPress={() => setChosen(gate)}
          >
            {overrideWords(gate)}
          </Button>
        ))}
      </Flex>
      {chosen && (
        <OverrideDialog
          promotion={promotion}
          gate={chosen}
          onClose={() => setChosen(undefined)}
          onChanged={onChanged}
        />
      )}
    </Panel>
  );
}

/** Named as a gate: its title says what holds when it passes, which is not so here. */
function overrideWords({ title }: Gate): string {
  return `Override the gate “${title}”`;
}

function OverrideDialog(props: {
  promotion: PromotionDetail;
  gate: Gate;
  onClose(): void;
  onChanged(): void;
}) {
  const { promotion, gate, onClose, onChanged } = props;
  const registry = useApi(aiRegistryApiRef);
  const [reason, setReason] = useState('');
  const [reasonError, setReasonError] = useState<string>();

  const submit = async () => {
    if (!reason.trim()) {
      setReasonError('Say why it may pass: it stays in the history.');
      return false;
    }
    try {
      await registry.overrideGate(promotion.id, {
        gate: gate.id,
        reason: reason.trim(),
      });
    } finally {
      onChanged();
    }
    return true;
  };

  return (
    <FormDialog
      isOpen
      onOpenChange={isOpen => {
        if (!isOpen) onClose();
      }}
      title={overrideWords(gate)}
      submitLabel="Override"
      failedTitle="The gate was not overridden"
      destructive
      onSubmit={submit}
    >
      <Text as="p">{gate.summary}</Text>
      <Text as="p">
        It holds for what the gates looked at, and for no later change. Your
        reason stands in the audit log, below the change request and in the
        message of the merge.
      </Text>
      <TextAreaField
        label="Reason"
        isRequired
        autoFocus
        rows={2}
        placeholder="Why may it pass?"
        value={reason}
        onChange={value => {
          setReason(value);
          setReasonError(undefined);
        }}
        {...fieldError(reasonError)}
      />
    </FormDialog>
  );
}
