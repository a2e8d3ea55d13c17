import { HistogramChart, Panel } from '@greenroom/ai-react';
import type { DriftReport } from '@greenroom/ml-kit';
import type { DriftResponse } from '@greenroom/plugin-ai-monitoring-common';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { DriftNumbers, DriftPill } from './DriftVerdict';
import styles from './dashboard.module.css';

interface PredictionPanelProps {
  drift: DriftResponse;
  report: DriftReport;
  schema?: ModelSchema;
}

/** What the version answers now, against what it answered when it was released. */
export function PredictionPanel(props: PredictionPanelProps) {
  const { drift, report, schema } = props;
  return (
    <Panel
      title={`Predictions of version ${drift.version}`}
      actions={
        report.prediction && <DriftPill status={report.prediction.status} />
      }
    >
      {drift.prediction ? (
        <HistogramChart
          title="Answers"
          unit={schema?.prediction.unit}
          baseline={drift.prediction.baseline}
          current={drift.prediction.current}
          height={180}
        />
      ) : (
        <p className={styles.subtle}>
          The version does not declare which output is its prediction.
        </p>
      )}
      {report.prediction && (
        <DriftNumbers
          drift={report.prediction}
          minRows={report.options.minRows}
        />
      )}
    </Panel>
  );
}
