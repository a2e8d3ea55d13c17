import { Button, ButtonIcon, NumberField, Text } from '@backstage/ui';
import {
  type RolloutPlanStep,
  weightAtStep,
} from '@greenroom/plugin-ai-registry-common';
import {
  RiAddLine,
  RiDeleteBinLine,
  RiPauseLine,
  RiScales3Line,
} from '@remixicon/react';
import styles from './RolloutEditor.module.css';
import { PROPOSED_STEPS, rolloutStepErrors } from './rolloutPlan';

/** How long an analysis may take, as it is proposed. */
const ANALYSIS_SECONDS = 3_600;

/** The steps of a canary: growing shares, and what is waited for between them. */
export function StepsEditor(props: {
  steps: RolloutPlanStep[];
  onChange(steps: RolloutPlanStep[]): void;
}) {
  const { steps, onChange } = props;
  const errors = rolloutStepErrors(steps);
  const setStep = (index: number, changed: RolloutPlanStep) =>
    onChange(steps.map((step, i) => (i === index ? changed : step)));
  const add = (step: RolloutPlanStep) => onChange([...steps, step]);
  const addShare = () => {
    const share = weightAtStep(steps, steps.length - 1);
    const last = steps.findLast(step => 'weightPercent' in step);
    add({
      weightPercent:
        share > 0
          ? Math.min(99, Math.round((share + 100) / 2))
          : PROPOSED_STEPS[0].weightPercent,
      holdSeconds: last?.holdSeconds ?? PROPOSED_STEPS[0].holdSeconds,
    });
  };

  return (
    <ol className={styles.steps} aria-label="Canary steps">
      {steps.map((step, index) => (
        <li key={`step-${index}`} className={styles.step}>
          <StepFields
            step={step}
            label={`Step ${index + 1}`}
            onChange={changed => setStep(index, changed)}
          />
          <ButtonIcon
            aria-label={`Remove step ${index + 1}`}
            size="small"
            variant="tertiary"
            icon={<RiDeleteBinLine />}
            onPress={() => onChange(steps.filter((_, i) => i !== index))}
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
          onPress={addShare}
        >
          Add step
        </Button>
        <Button
          size="small"
          variant="tertiary"
          iconStart={<RiPauseLine />}
          onPress={() => add({ pauseUntil: 'resumed' })}
        >
          Add pause
        </Button>
        <Button
          size="small"
          variant="tertiary"
          iconStart={<RiScales3Line />}
          onPress={() => add({ analysisSeconds: ANALYSIS_SECONDS })}
        >
          Add analysis
        </Button>
      </li>
    </ol>
  );
}

function StepFields(props: {
  step: RolloutPlanStep;
  label: string;
  onChange(step: RolloutPlanStep): void;
}) {
  const { step, label, onChange } = props;
  if ('pauseUntil' in step) {
    return (
      <Text variant="body-small" className={styles.pause}>
        Nothing moves until somebody goes on
      </Text>
    );
  }
  if ('pauseSeconds' in step) {
    return (
      <div className={styles.pause}>
        <Text variant="body-small">Nothing moves for</Text>
        <NumberField
          aria-label={`${label}: pause in seconds`}
          size="small"
          minValue={1}
          value={step.pauseSeconds}
          onChange={pauseSeconds => onChange({ pauseSeconds })}
        />
        <Text variant="body-small">seconds</Text>
      </div>
    );
  }
  if ('analysisSeconds' in step) {
    return (
      <div className={styles.pause}>
        <Text variant="body-small">The analysis decides, within</Text>
        <NumberField
          aria-label={`${label}: longest analysis in seconds`}
          size="small"
          minValue={10}
          value={step.analysisSeconds}
          onChange={analysisSeconds => onChange({ analysisSeconds })}
        />
        <Text variant="body-small">seconds</Text>
      </div>
    );
  }
  return (
    <>
      <NumberField
        aria-label={`${label}: share of traffic in percent`}
        size="small"
        minValue={1}
        maxValue={99}
        value={step.weightPercent}
        onChange={weightPercent => onChange({ ...step, weightPercent })}
      />
      <Text variant="body-small">% of the traffic for</Text>
      <NumberField
        aria-label={`${label}: duration in seconds`}
        size="small"
        minValue={0}
        value={step.holdSeconds}
        onChange={holdSeconds => onChange({ ...step, holdSeconds })}
      />
      <Text variant="body-small">seconds</Text>
    </>
  );
}
