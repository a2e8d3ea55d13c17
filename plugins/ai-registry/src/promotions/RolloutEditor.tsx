import {
  Button,
  ButtonIcon,
  NumberField,
  Radio,
  RadioGroup,
  Text,
} from '@backstage/ui';
import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import styles from './RolloutEditor.module.css';
import { PROPOSED_STEPS, rolloutStepErrors } from './rolloutPlan';

export interface RolloutEditorProps {
  rollout: RolloutPlan;
  onChange(rollout: RolloutPlan): void;
}

/** How traffic moves to the new version: at once, or in growing shares. */
export function RolloutEditor({ rollout, onChange }: RolloutEditorProps) {
  const { strategy, steps } = rollout;
  const errors = rolloutStepErrors(steps);
  const setStep = (
    index: number,
    change: Partial<RolloutPlan['steps'][number]>,
  ) =>
    onChange({
      ...rollout,
      steps: steps.map((step, i) =>
        i === index ? { ...step, ...change } : step,
      ),
    });
  const addStep = () => {
    const last = steps.at(-1);
    onChange({
      ...rollout,
      steps: [
        ...steps,
        {
          weightPercent: last
            ? Math.min(99, Math.round((last.weightPercent + 100) / 2))
            : PROPOSED_STEPS[0].weightPercent,
          holdSeconds: last?.holdSeconds ?? PROPOSED_STEPS[0].holdSeconds,
        },
      ],
    });
  };

  return (
    <div className={styles.editor}>
      <RadioGroup
        label="Rollout"
        orientation="horizontal"
        value={strategy}
        onChange={value =>
          onChange(
            value === 'immediate'
              ? { ...rollout, strategy: 'immediate' }
              : {
                  strategy: 'canary',
                  steps: steps.length > 0 ? steps : PROPOSED_STEPS,
                },
          )
        }
      >
        <Radio value="canary">Canary, step by step</Radio>
        <Radio value="immediate">All traffic at once</Radio>
      </RadioGroup>
      {strategy === 'canary' && (
        <ol className={styles.steps} aria-label="Canary steps">
          {steps.map((step, index) => (
            <li key={`step-${index}`} className={styles.step}>
              <NumberField
                aria-label={`Step ${index + 1}: share of traffic in percent`}
                size="small"
                minValue={1}
                maxValue={99}
                value={step.weightPercent}
                onChange={weightPercent => setStep(index, { weightPercent })}
              />
              <Text variant="body-small">% of the traffic for</Text>
              <NumberField
                aria-label={`Step ${index + 1}: duration in seconds`}
                size="small"
                minValue={0}
                value={step.holdSeconds}
                onChange={holdSeconds => setStep(index, { holdSeconds })}
              />
              <Text variant="body-small">seconds</Text>
              <ButtonIcon
                aria-label={`Remove step ${index + 1}`}
                size="small"
                variant="tertiary"
                icon={<RiDeleteBinLine />}
                onPress={() =>
                  onChange({
                    ...rollout,
                    steps: steps.filter((_, i) => i !== index),
                  })
                }
              />
              {errors.has(index) && (
                <p className={styles.error} role="alert">
                  {errors.get(index)}
                </p>
              )}
            </li>
          ))}
          <li className={styles.last}>
            <Text variant="body-small" color="secondary">
              then all of it
            </Text>
            <Button
              size="small"
              variant="tertiary"
              iconStart={<RiAddLine />}
              onPress={addStep}
            >
              Add step
            </Button>
          </li>
        </ol>
      )}
    </div>
  );
}
