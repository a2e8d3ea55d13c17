import {
  Facts,
  formatMetric,
  formatNumber,
  formatShare,
  PlainTable,
  ProgressBar,
} from '@greenroom/ai-react';
import type {
  Measurement,
  MeasurementResult,
} from '@greenroom/plugin-ai-registry-common';
import type { ReactNode } from 'react';
import { IntervalChart } from '../view/IntervalChart';
import { rowsText } from '../view/rowsText';
import { ConfusionMatrix } from './ConfusionMatrix';
import styles from './measurements.module.css';
import { ReliabilityDiagram } from './ReliabilityDiagram';
import { intervalText, scaleOf, ValueInterval } from './ValueInterval';

/** All that was found in a measurement, or how far it is. */
export function MeasurementView({ measurement }: { measurement: Measurement }) {
  const { state } = measurement;
  switch (state.phase) {
    case 'queued':
      return <div role="status">It waits: other versions are tried first.</div>;
    case 'running':
      return (
        <div>
          <ProgressBar
            value={state.of > 0 ? state.done / state.of : 0}
            label="Rows that are answered"
          />
          <div role="status">{`${formatNumber(state.done)} of ${rowsText(
            state.of,
          )}`}</div>
        </div>
      );
    case 'failed':
      return <div role="status">{`It failed: ${state.reason}`}</div>;
    case 'cancelled':
      return <div role="status">{`Cancelled by ${state.cancelledBy}.`}</div>;
    default:
      return <ResultView measurement={measurement} result={state.result} />;
  }
}

function ResultView(props: {
  measurement: Measurement;
  result: MeasurementResult;
}) {
  const { measurement, result } = props;
  const { comparison } = measurement;
  const { details, fairness, metrics, slices, remarks } = result;
  return (
    <div className={styles.sections}>
      <PlainTable
        label="Metrics"
        columns={['Metric', 'Value', '95 % interval']}
        look="facts"
      >
        {metrics.map(({ name, value, interval, higherIsBetter }) => (
          <tr key={name}>
            <th
              scope="row"
              title={higherIsBetter ? 'higher is better' : 'lower is better'}
            >
              {name}
            </th>
            <td>{formatMetric(value)}</td>
            <td>
              {intervalText(interval)}
              {interval && (
                <ValueInterval
                  value={value}
                  interval={interval}
                  scale={
                    interval[0] >= 0 && interval[1] <= 1
                      ? { low: 0, high: 1 }
                      : scaleOf([{ value, interval }])
                  }
                />
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      <Facts
        facts={[
          { label: 'Rows', value: formatNumber(result.rows) },
          {
            label: 'Without a truth',
            value: result.unlabelled
              ? formatNumber(result.unlabelled)
              : undefined,
          },
          {
            label: 'Without an answer',
            value: result.unanswered
              ? formatNumber(result.unanswered)
              : undefined,
          },
          { label: 'Answered by', value: result.runtime },
        ]}
      />
      {remarks.length > 0 && (
        <ul className={styles.remarks}>
          {remarks.map(remark => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {comparison && (
        <Section title={`Compared with ${comparison.environment}`}>
          {comparison.paired ? (
            <IntervalChart paired={comparison.paired} />
          ) : (
            <div role="status">{comparison.missing}</div>
          )}
        </Section>
      )}
      {slices.length > 0 && <Slices result={result} />}
      {details.task === 'classification' ? (
        <>
          {details.confusion && (
            <Section title="Confusion matrix">
              <ConfusionMatrix confusion={details.confusion} />
            </Section>
          )}
          <Section title="Classes">
            <PlainTable
              label="Quality by class"
              columns={['Class', 'Precision', 'Recall', 'F1', 'Rows']}
              look="facts"
            >
              {details.classes.map(({ name, precision, recall, f1, rows }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td title={intervalText(precision?.interval)}>
                    {formatMetric(precision?.value)}
                  </td>
                  <td title={intervalText(recall?.interval)}>
                    {formatMetric(recall?.value)}
                  </td>
                  <td>{formatMetric(f1)}</td>
                  <td>{formatNumber(rows)}</td>
                </tr>
              ))}
            </PlainTable>
          </Section>
          {details.calibration && (
            <Section title="Calibration">
              <ReliabilityDiagram calibration={details.calibration} />
            </Section>
          )}
        </>
      ) : (
        <Section title="Errors">
          <Facts
            facts={[
              { label: 'Mean error (bias)', value: formatMetric(details.bias) },
              ...details.errorQuantiles.map(({ share, error }) => ({
                label: `${formatShare(share)} of the errors are at most`,
                value: formatMetric(error),
              })),
            ]}
          />
          <p className={styles.note}>
            Answer less truth, in the unit of the target.
          </p>
        </Section>
      )}
      {fairness && <FairnessSection fairness={fairness} />}
    </div>
  );
}

function Slices({
  result: { slices, metrics },
}: {
  result: MeasurementResult;
}) {
  const scale = scaleOf(slices);
  return (
    <Section title="Slices">
      <PlainTable
        label={`${metrics[0].name} by slice`}
        columns={['Slice', metrics[0].name, '95 % interval', 'Rows']}
        look="facts"
      >
        {slices.map(({ name, value, interval, rows, few }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{formatMetric(value)}</td>
            <td>
              {few ? 'too few rows' : intervalText(interval)}
              {value !== undefined && !few && (
                <ValueInterval
                  value={value}
                  interval={interval}
                  scale={scale}
                />
              )}
            </td>
            <td>{formatNumber(rows)}</td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}

function FairnessSection({
  fairness,
}: {
  fairness: NonNullable<MeasurementResult['fairness']>;
}) {
  const { groups, column, positive } = fairness;
  const scale = { low: 0, high: 1 };
  return (
    <Section title={`Fairness by ${column}`}>
      <PlainTable
        label={`How often groups are answered ${positive}`}
        columns={['Group', `Answered ${positive}`, 'Of those who are', 'Rows']}
        look="facts"
      >
        {groups.map(one => (
          <tr key={one.group}>
            <th scope="row">{one.group}</th>
            <td>
              {formatShare(one.selectionRate)}
              <ValueInterval
                value={one.selectionRate}
                interval={one.selectionInterval}
                scale={scale}
              />
            </td>
            <td>{shareOf(one.truePositiveRate) ?? '–'}</td>
            <td>{formatNumber(one.rows)}</td>
          </tr>
        ))}
      </PlainTable>
      <Facts
        facts={[
          {
            label: 'Demographic parity: largest difference',
            value: shareOf(fairness.selectionRateDifference),
          },
          {
            label: 'Smallest rate over the largest',
            value: shareOf(fairness.disparateImpactRatio),
          },
          {
            label: 'Equal opportunity: largest difference',
            value: shareOf(fairness.truePositiveRateDifference),
          },
          {
            label: 'Equalized odds: largest difference',
            value: shareOf(fairness.equalizedOddsDifference),
          },
          {
            label: 'Predictive parity: largest difference',
            value: shareOf(fairness.precisionDifference),
          },
        ]}
      />
    </Section>
  );
}

function shareOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : formatShare(value);
}

function Section(props: { title: string; children: ReactNode }) {
  return (
    <section aria-label={props.title}>
      <h3 className={styles.heading}>{props.title}</h3>
      {props.children}
    </section>
  );
}
