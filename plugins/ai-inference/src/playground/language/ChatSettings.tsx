import { NumberField, Select, TextField } from '@backstage/ui';
import { CodeBlock } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';
import styles from './language.module.css';

export interface ChatSettingsValue {
  /** A second version to ask the same. */
  against?: number;
  temperature?: number;
  maxTokens?: number;
  assignmentId?: string;
}

const NOBODY = 'nobody';

/** What is asked besides the message, and what the version says by itself. */
export function ChatSettings(props: {
  deployment: Deployment;
  version: number | undefined;
  external: ExternalDescriptor;
  value: ChatSettingsValue;
  onChange(value: ChatSettingsValue): void;
}) {
  const { deployment, version, external, value, onChange } = props;
  const { parameters, messages } = external;
  const others = deployment.variants.filter(
    variant => variant.version !== version,
  );
  const mayCompare = deployment.variants.length > 1;
  return (
    <details className={styles.settings}>
      <summary>Settings</summary>
      <div className={styles.fields}>
        {mayCompare && (
          <Select
            label="Compare with"
            description="Both answer each message, side by side."
            selectedKey={
              value.against === undefined ? NOBODY : String(value.against)
            }
            onSelectionChange={key =>
              onChange({
                ...value,
                against: key === NOBODY ? undefined : Number(key),
              })
            }
            options={[
              { value: NOBODY, label: 'No other version' },
              ...others.map(variant => ({
                value: String(variant.version),
                label: `Version ${variant.version}`,
              })),
            ]}
          />
        )}
        <NumberField
          label="Temperature"
          description={ownValue(parameters, 'temperature')}
          minValue={0}
          maxValue={2}
          step={0.1}
          value={value.temperature ?? NaN}
          onChange={temperature =>
            onChange({ ...value, temperature: numberOf(temperature) })
          }
        />
        <NumberField
          label="Most tokens"
          description={ownValue(
            parameters,
            'max_tokens',
            'max_completion_tokens',
          )}
          minValue={1}
          step={1}
          value={value.maxTokens ?? NaN}
          onChange={maxTokens =>
            onChange({ ...value, maxTokens: numberOf(maxTokens) })
          }
        />
        <TextField
          label="Assignment id"
          description="A user or session. During a rollout the same id always gets the same version; without one, your own name is used."
          value={value.assignmentId ?? ''}
          onChange={assignmentId => onChange({ ...value, assignmentId })}
        />
      </div>
      {messages.length > 0 && (
        <CodeBlock
          language="What the version says first"
          code={messages
            .map(({ role, content }) => `${role}: ${content}`)
            .join('\n\n')}
        />
      )}
    </details>
  );
}

function numberOf(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function ownValue(
  parameters: ExternalDescriptor['parameters'],
  ...names: string[]
): string {
  const name = names.find(one => parameters[one] !== undefined);
  return name === undefined
    ? "The provider's own when it is left empty."
    : `The version says ${JSON.stringify(
        parameters[name],
      )} when it is left empty.`;
}
