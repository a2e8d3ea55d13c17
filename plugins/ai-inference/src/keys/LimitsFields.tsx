import { Select, TextField } from '@backstage/ui';
import {
  explainBurst,
  explainLimit,
  explainTokenLimit,
  hasRequestLimits,
  type LimitName,
  type LimitsForm,
} from './limitsForm';
import styles from './keys.module.css';

interface LimitsFieldsProps {
  value: LimitsForm;
  onChange(value: LimitsForm): void;
}

/** How much a key may ask for: requests, rows, and tokens of language models. */
export function LimitsFields({ value, onChange }: LimitsFieldsProps) {
  const field = (name: LimitName) => ({
    value: value[name],
    onChange: (text: string) => onChange({ ...value, [name]: text }),
  });
  return (
    <>
      <fieldset className={styles.limits}>
        <legend>Limits of requests and rows</legend>
        <p className={styles.subtle}>
          In each environment, whatever the models take. Empty for no limit.
        </p>
        <LimitField
          label="Requests a second"
          validate={explainLimit}
          {...field('requestsPerSecond')}
        />
        <LimitField
          label="At once after a pause"
          validate={burst => explainBurst({ ...value, burst })}
          {...field('burst')}
        />
        <LimitField
          label="Requests at a time"
          validate={explainLimit}
          {...field('requestsInFlight')}
        />
        <LimitField
          label="Rows a minute"
          validate={explainLimit}
          {...field('rowsPerMinute')}
        />
        {hasRequestLimits(value) && (
          <Select
            className={styles.wide}
            label="While the control plane is away, a data plane"
            selectedKey={value.requestMode}
            onSelectionChange={mode =>
              onChange({ ...value, requestMode: toMode(mode) })
            }
            options={[
              { value: 'hard', label: 'keeps to its part' },
              { value: 'soft', label: 'takes the whole limit' },
            ]}
          />
        )}
      </fieldset>
      <fieldset className={styles.limits}>
        <legend>Limits of tokens</legend>
        <p className={styles.subtle}>
          Of language models, in each environment. A day is one of UTC.
        </p>
        <LimitField
          label="Tokens a minute"
          validate={explainTokenLimit}
          {...field('perMinute')}
        />
        <LimitField
          label="Tokens a day"
          validate={explainTokenLimit}
          {...field('perDay')}
        />
        {value.perDay !== '' && (
          <Select
            className={styles.wide}
            label="When a data plane has used its part of the day and cannot ask for more"
            selectedKey={value.tokenMode}
            onSelectionChange={mode =>
              onChange({ ...value, tokenMode: toMode(mode) })
            }
            options={[
              { value: 'hard', label: 'Refuse' },
              { value: 'soft', label: 'Go on, and count' },
            ]}
          />
        )}
      </fieldset>
    </>
  );
}

function LimitField(props: {
  label: string;
  value: string;
  onChange(text: string): void;
  validate(text: string): string | undefined;
}) {
  return (
    <TextField
      inputMode="numeric"
      // 'native' would hold the form back with the browser's own bubbles.
      validationBehavior="aria"
      {...props}
    />
  );
}

function toMode(key: unknown): 'hard' | 'soft' {
  return key === 'soft' ? 'soft' : 'hard';
}
