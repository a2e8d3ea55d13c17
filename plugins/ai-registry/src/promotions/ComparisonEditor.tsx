import { Radio, RadioGroup, Select, TextField } from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';
import {
  describeComparison,
  type Measure,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { type AnalysisForm, measuresFor } from './analysisForm';
import { FormNumber } from './FormNumber';
import { GuardrailFields } from './GuardrailFields';
import type { PlanSurroundings } from './newPromotion';
import styles from './RolloutEditor.module.css';

const MEASURES: Record<Measure['kind'] | 'none', string> = {
  none: 'None: only the guardrails are watched',
  outcome: 'An outcome that callers report',
  'error-rate': 'Share of requests that fail',
  latency: 'Latency',
  agreement: 'Share of answers that are the same',
};

const MARGIN_UNITS: Record<Measure['kind'], string> = {
  outcome: 'in the unit of the outcome',
  'error-rate': 'in percentage points',
  latency: 'in milliseconds',
  agreement: 'in percentage points',
};

export interface ComparisonEditorProps {
  strategy: RolloutPlan['strategy'];
  analysis: AnalysisForm;
  source: 'kept' | 'own';
  deployed: PlanSurroundings['deployed'];
  onChange(changes: Partial<AnalysisForm>): void;
  /** What is wrong, by the field's name. */
  errors: Map<string, string>;
}

/** How versions are compared: as it is, or otherwise from now on. Closed until somebody looks, or has to. */
export function ComparisonEditor(props: ComparisonEditorProps) {
  const { source, errors, onChange, deployed } = props;
  const [opened, setOpened] = useState<boolean>();
  const isOpen = opened ?? errors.size > 0;
  return (
    <>
      <details
        className={styles.comparison}
        open={isOpen}
        onToggle={event => setOpened(event.currentTarget.open)}
      >
        <summary>How versions are compared</summary>
        <div className={styles.editor}>
          <RadioGroup
            label="Compare"
            orientation="horizontal"
            className={styles.choices}
            value={source}
            onChange={value =>
              onChange({ source: value === 'own' ? 'own' : 'kept' })
            }
          >
            <Radio value="kept">
              {deployed?.analysis
                ? 'As the manifest says'
                : 'By what must not get worse'}
            </Radio>
            <Radio value="own">Otherwise, from now on</Radio>
          </RadioGroup>
          {errors.has('source') && (
            <p className={styles.error} role="alert">
              {errors.get('source')}
            </p>
          )}
          {source === 'own' ? <OwnFields {...props} /> : <Kept {...props} />}
        </div>
      </details>
      {!isOpen && errors.size > 0 && (
        <p className={styles.error} role="alert">
          {[...errors.values()][0]}
        </p>
      )}
    </>
  );
}

function Kept({ deployed, strategy }: ComparisonEditorProps) {
  return (
    <ul className={styles.sentences}>
      {describeComparison(strategy, deployed?.analysis).map(sentence => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

function OwnFields(props: ComparisonEditorProps) {
  const { analysis, strategy, onChange, errors } = props;
  const { measure } = analysis;
  const choices = ['none' as const, ...measuresFor(strategy)];
  return (
    <>
      <div className={styles.fields}>
        <Select
          label="Metric that decides"
          options={choices.map(id => ({ id, label: MEASURES[id] }))}
          value={measure}
          onChange={value => {
            const chosen = choices.find(one => one === value);
            if (chosen) onChange({ measure: chosen });
          }}
        />
        {errors.has('measure') && (
          <p className={styles.error} role="alert">
            {errors.get('measure')}
          </p>
        )}
        {measure !== 'none' && <MetricFields {...props} measure={measure} />}
        <FormNumber
          label="Least callers of each version before a metric decides"
          value={analysis.minUnitsPerVariant}
          onChange={minUnitsPerVariant => onChange({ minUnitsPerVariant })}
          error={errors.get('minUnitsPerVariant')}
        />
      </div>
      <GuardrailFields
        analysis={analysis}
        onChange={onChange}
        errors={errors}
      />
    </>
  );
}

function MetricFields(
  props: ComparisonEditorProps & { measure: Measure['kind'] },
) {
  const { analysis, measure, onChange, errors } = props;
  const { margins, outcomes } = analysis;
  return (
    <>
      {measure === 'outcome' && (
        <>
          <TextField
            label="Name of the outcome"
            description="Under which callers report it."
            size="small"
            value={analysis.outcome}
            onChange={outcome => onChange({ outcome })}
            {...fieldError(errors.get('outcome'))}
          />
          <RadioGroup
            label="Better is"
            orientation="horizontal"
            value={analysis.direction}
            onChange={value =>
              onChange({
                direction:
                  value === 'lower-is-better' ? value : 'higher-is-better',
              })
            }
          >
            <Radio value="higher-is-better">Higher</Radio>
            <Radio value="lower-is-better">Lower</Radio>
          </RadioGroup>
          <FormNumber
            label="Requests whose outcome can be reported, in percent"
            value={outcomes.samplePercent}
            onChange={samplePercent =>
              onChange({ outcomes: { ...outcomes, samplePercent } })
            }
            error={errors.get('samplePercent')}
          />
          <FormNumber
            label="For how long, in days"
            value={outcomes.keepDays}
            onChange={keepDays =>
              onChange({ outcomes: { ...outcomes, keepDays } })
            }
            error={errors.get('keepDays')}
          />
        </>
      )}
      {measure === 'latency' && (
        <FormNumber
          label="Quantile of the latency, in percent"
          description="95 for the p95."
          value={analysis.quantilePercent}
          onChange={quantilePercent => onChange({ quantilePercent })}
          error={errors.get('quantilePercent')}
        />
      )}
      <FormNumber
        label={`Smallest difference that matters, ${MARGIN_UNITS[measure]}`}
        value={margins[measure]}
        onChange={margin =>
          onChange({ margins: { ...margins, [measure]: margin } })
        }
        error={errors.get('margin')}
      />
      <FormNumber
        label="Chance of seeing a difference that is none, in percent"
        value={analysis.alphaPercent}
        onChange={alphaPercent => onChange({ alphaPercent })}
        error={errors.get('alphaPercent')}
      />
      <FormNumber
        label="Chance of seeing one that matters, in percent"
        value={analysis.powerPercent}
        onChange={powerPercent => onChange({ powerPercent })}
        error={errors.get('powerPercent')}
      />
    </>
  );
}
