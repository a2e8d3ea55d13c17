import { Button } from '@backstage/ui';
import { HistogramChart, Panel } from '@greenroom/ai-react';
import type { DriftReport } from '@greenroom/ml-kit';
import type { DriftResponse } from '@greenroom/plugin-ai-monitoring-common';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { rankFeatures } from './driftRanking';
import { DriftNumbers, DriftPill } from './DriftVerdict';
import styles from './dashboard.module.css';

interface TopFeaturesProps {
  drift: DriftResponse;
  report: DriftReport;
  schema?: ModelSchema;
}

const SHOWN = 4;
const MORE = 12;

/** The features whose input changed most, each with its distribution. */
export function TopFeatures({ drift, report, schema }: TopFeaturesProps) {
  const [shown, setShown] = useState(SHOWN);
  const ranked = rankFeatures(report);
  const features = ranked.slice(0, shown);
  return (
    <Panel
      title="Input features"
      description={`The ${features.length} that changed most, of ${ranked.length}.`}
      actions={<DriftPill status={report.status} />}
    >
      <div className={styles.features}>
        {features.map(feature => {
          const histograms = drift.histograms[feature.name];
          const spec = schema?.features.find(
            ({ name }) => name === feature.name,
          );
          return (
            <div key={feature.name} className={styles.feature}>
              {histograms && (
                <HistogramChart
                  title={spec?.description ?? feature.name}
                  unit={spec?.unit}
                  baseline={histograms.baseline}
                  current={histograms.current}
                  height={120}
                />
              )}
              <DriftPill status={feature.status} />
              <DriftNumbers drift={feature} minRows={report.options.minRows} />
            </div>
          );
        })}
      </div>
      {ranked.length > shown && (
        <div>
          <Button
            size="small"
            variant="secondary"
            onPress={() => setShown(shown + MORE)}
          >
            Show more features
          </Button>
        </div>
      )}
    </Panel>
  );
}
