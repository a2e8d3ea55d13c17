import { Radio, RadioGroup, Text } from '@backstage/ui';
import { FormNumber } from './FormNumber';
import styles from './RolloutEditor.module.css';
import { PROPOSED_STEPS } from './rolloutPlan';
import { needsRunning, type RolloutForm } from './rolloutForm';
import { StepsEditor } from './StepsEditor';

const STRATEGIES: { strategy: RolloutForm['strategy']; label: string }[] = [
  { strategy: 'canary', label: 'Canary, step by step' },
  { strategy: 'immediate', label: 'All traffic at once' },
  { strategy: 'shadow', label: 'Shadow, on copies' },
  { strategy: 'experiment', label: 'Experiment, fixed shares' },
  { strategy: 'adaptive', label: 'Adaptive shares' },
];

export interface RolloutEditorProps {
  rollout: RolloutForm;
  onChange(rollout: RolloutForm): void;
  /** What is wrong, by the field's name. */
  errors: Map<string, string>;
}

/** How traffic moves to the new version. */
export function RolloutEditor(props: RolloutEditorProps) {
  const { rollout, onChange, errors } = props;
  const { strategy, steps } = rollout;
  return (
    <div className={styles.editor}>
      <RadioGroup
        label="Rollout"
        orientation="horizontal"
        className={styles.choices}
        value={strategy}
        onChange={value => {
          const chosen = STRATEGIES.find(one => one.strategy === value);
          if (!chosen) return;
          onChange({
            ...rollout,
            strategy: chosen.strategy,
            steps: steps.length > 0 ? steps : PROPOSED_STEPS,
          });
        }}
      >
        {STRATEGIES.map(one => (
          <Radio key={one.strategy} value={one.strategy}>
            {one.label}
          </Radio>
        ))}
      </RadioGroup>
      {errors.has('strategy') && (
        <p className={styles.error} role="alert">
          {errors.get('strategy')}
        </p>
      )}
      {strategy === 'canary' && (
        <StepsEditor
          steps={steps}
          onChange={changed => onChange({ ...rollout, steps: changed })}
        />
      )}
      {needsRunning(strategy) && (
        <div className={styles.fields}>
          <StrategyFields {...props} />
        </div>
      )}
    </div>
  );
}

function StrategyFields({ rollout, onChange, errors }: RolloutEditorProps) {
  const { shadow, experiment, adaptive } = rollout;
  switch (rollout.strategy) {
    case 'shadow': {
      const set = (changes: Partial<typeof shadow>) =>
        onChange({ ...rollout, shadow: { ...shadow, ...changes } });
      return (
        <>
          <Note>
            The new version answers copies of requests, and nobody gets its
            answers.
          </Note>
          <FormNumber
            label="Requests that are copied, in percent"
            value={shadow.samplePercent}
            onChange={samplePercent => set({ samplePercent })}
            error={errors.get('samplePercent')}
          />
          <FormNumber
            label="For how long, in minutes"
            value={shadow.minutes}
            onChange={minutes => set({ minutes })}
            error={errors.get('minutes')}
          />
        </>
      );
    }
    case 'experiment': {
      const set = (changes: Partial<typeof experiment>) =>
        onChange({ ...rollout, experiment: { ...experiment, ...changes } });
      return (
        <>
          <Note>
            The shares stay until it is decided which version is better. What is
            not better is taken back.
          </Note>
          <FormNumber
            label="Share of the new version, in percent"
            description="The running one has the rest."
            value={experiment.sharePercent}
            onChange={sharePercent => set({ sharePercent })}
            error={errors.get('sharePercent')}
          />
          <FormNumber
            label="At most, in hours"
            value={experiment.hours}
            onChange={hours => set({ hours })}
            error={errors.get('hours')}
          />
          <FormNumber
            label="Least callers of each version before it ends"
            value={experiment.minUnitsPerVariant}
            onChange={minUnitsPerVariant => set({ minUnitsPerVariant })}
            error={errors.get('minUnitsPerVariant')}
          />
          <RadioGroup
            label="When the new version wins"
            value={experiment.winner}
            onChange={winner =>
              set({ winner: winner === 'ask' ? 'ask' : 'serve' })
            }
          >
            <Radio value="serve">It gets all traffic</Radio>
            <Radio value="ask">Somebody decides</Radio>
          </RadioGroup>
        </>
      );
    }
    default: {
      const set = (changes: Partial<typeof adaptive>) =>
        onChange({ ...rollout, adaptive: { ...adaptive, ...changes } });
      return (
        <>
          <Note>
            The share of each version follows its chance to be the better one.
          </Note>
          <FormNumber
            label="Least share of each version, in percent"
            value={adaptive.floorPercent}
            onChange={floorPercent => set({ floorPercent })}
            error={errors.get('floorPercent')}
          />
          <FormNumber
            label="Time between two changes, in minutes"
            value={adaptive.updateMinutes}
            onChange={updateMinutes => set({ updateMinutes })}
            error={errors.get('updateMinutes')}
          />
          <FormNumber
            label="At most, in hours"
            value={adaptive.hours}
            onChange={hours => set({ hours })}
            error={errors.get('hours')}
          />
        </>
      );
    }
  }
}

function Note({ children }: { children: string }) {
  return (
    <Text variant="body-small" color="secondary" className={styles.note}>
      {children}
    </Text>
  );
}
