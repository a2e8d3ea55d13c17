import { Select, TextField } from '@backstage/ui';
import { explainLimit, type LimitsForm } from './limitsForm';

const MODES = [
  { value: 'hard', label: 'Refuse' },
  { value: 'soft', label: 'Go on, and count' },
];

/** How many tokens of language models a key may use. */
export function LimitsFields(props: {
  value: LimitsForm;
  onChange(value: LimitsForm): void;
}) {
  const { value, onChange } = props;
  return (
    <>
      <TextField
        label="Tokens a minute"
        description="Of language models, in each environment. Empty for no limit."
        inputMode="numeric"
        // 'native' would hold the form back with the browser's own bubbles.
        validationBehavior="aria"
        validate={explainLimit}
        value={value.perMinute}
        onChange={perMinute => onChange({ ...value, perMinute })}
      />
      <TextField
        label="Tokens a day"
        description="From midnight to midnight, UTC. Empty for no limit."
        inputMode="numeric"
        // 'native' would hold the form back with the browser's own bubbles.
        validationBehavior="aria"
        validate={explainLimit}
        value={value.perDay}
        onChange={perDay => onChange({ ...value, perDay })}
      />
      {value.perDay !== '' && (
        <Select
          label="When a data plane has used its part of the day and cannot ask for more"
          selectedKey={value.mode}
          onSelectionChange={mode =>
            onChange({ ...value, mode: mode === 'soft' ? 'soft' : 'hard' })
          }
          options={MODES}
        />
      )}
    </>
  );
}
