import { Button, NumberField } from '@backstage/ui';
import { formatNumber } from '@greenroom/ai-react';
import type { BaselineProfile } from '@greenroom/ml-kit';
import type {
  FeatureSpec,
  ModelSchema,
} from '@greenroom/plugin-ai-registry-common';
import {
  type FeatureValues,
  typicalValues,
} from '@greenroom/plugin-ai-inference-common';
import styles from './playground.module.css';

interface NumbersFormProps {
  schema: ModelSchema;
  baseline?: BaselineProfile;
  values: FeatureValues;
  onChange(values: FeatureValues): void;
}

/** A number field for each feature. */
export function NumbersForm(props: NumbersFormProps) {
  const { schema, baseline, values, onChange } = props;
  return (
    <div className={styles.numbers}>
      <div className={styles.fields}>
        {schema.features.map(feature => (
          <NumberField
            key={feature.name}
            label={feature.description ?? feature.name}
            secondaryLabel={feature.description ? feature.name : undefined}
            description={describe(feature)}
            value={values[feature.name] ?? NaN}
            onChange={value =>
              onChange({
                ...values,
                [feature.name]: Number.isNaN(value) ? undefined : value,
              })
            }
            formatOptions={{ maximumFractionDigits: 6, useGrouping: false }}
          />
        ))}
      </div>
      <div className={styles.actions}>
        <Button
          size="small"
          variant="secondary"
          onPress={() => onChange(typicalValues(schema.features, baseline))}
        >
          Fill with typical values
        </Button>
        <span className={styles.subtle}>
          {baseline
            ? 'The median of each feature in the rows that the version was released with.'
            : 'The middle of the range that training saw.'}
        </span>
      </div>
    </div>
  );
}

function describe({ unit, range }: FeatureSpec): string | undefined {
  const seen =
    range &&
    `training saw ${formatNumber(range[0])} to ${formatNumber(range[1])}`;
  return [unit, seen].filter(Boolean).join(', ') || undefined;
}
