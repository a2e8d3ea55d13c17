import { Radio, RadioGroup } from '@backstage/ui';
import type { AnalysisForm } from './analysisForm';
import { FormNumber } from './FormNumber';
import styles from './RolloutEditor.module.css';

/** What must not get worse while versions are compared. */
export function GuardrailFields(props: {
  analysis: Pick<AnalysisForm, 'guardrails' | 'own'>;
  onChange(changes: Partial<AnalysisForm>): void;
  errors: Map<string, string>;
}) {
  const { analysis, onChange, errors } = props;
  const { guardrails, own } = analysis;
  return (
    <>
      <RadioGroup
        label="What must not get worse"
        orientation="horizontal"
        className={styles.choices}
        value={guardrails}
        onChange={value =>
          onChange({
            guardrails: value === 'own' || value === 'none' ? value : 'common',
          })
        }
      >
        <Radio value="common">Errors and latency, as everywhere</Radio>
        <Radio value="own">By other amounts</Radio>
        <Radio value="none">Nothing</Radio>
      </RadioGroup>
      {guardrails === 'own' && (
        <div className={styles.fields}>
          <FormNumber
            label="More requests that fail are let pass, in percentage points"
            description="Empty for any number of them."
            value={own.errorPoints}
            onChange={errorPoints => onChange({ own: { ...own, errorPoints } })}
            error={errors.get('errorPoints')}
          />
          <FormNumber
            label="A longer p95 of the latency is let pass, in milliseconds"
            description="Empty for any latency."
            value={own.latencyMillis}
            onChange={latencyMillis =>
              onChange({ own: { ...own, latencyMillis } })
            }
            error={errors.get('latencyMillis')}
          />
        </div>
      )}
    </>
  );
}
