import {
  Facts,
  formatBytes,
  formatMetric,
  formatMoment,
  formatNumber,
  RelativeTime,
  StatusPill,
} from '@greenroom/ai-react';
import type { Gate, GateEvidence } from '@greenroom/plugin-ai-registry-common';
import { Digest } from '../view/Digest';
import { servabilityFacts } from '../view/servabilityFacts';
import { IntervalChart } from '../view/IntervalChart';
import { Countdown } from './Countdown';
import styles from './GateCard.module.css';
import { GATE_STATUS } from './gateStatus';
import { CostEvidence, PromptEvidence } from './PromptEvidence';
import { SliceEvidence } from './SliceEvidence';

/** A value that is a moment, as gates write it. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A gate with what it looked at and what it found. */
export function GateCard({ gate, model }: { gate: Gate; model: string }) {
  const { tone, label } = GATE_STATUS[gate.status];
  return (
    <article className={styles.gate} aria-label={gate.title}>
      <div className={styles.head}>
        <h4 className={styles.title}>{gate.title}</h4>
        <StatusPill tone={tone}>{label}</StatusPill>
      </div>
      <p className={styles.summary}>{gate.summary}</p>
      {gate.status === 'waiting' && gate.until && (
        <p className={styles.summary}>
          Passes <Countdown until={gate.until} />.
        </p>
      )}
      {gate.evidence && <Evidence evidence={gate.evidence} model={model} />}
    </article>
  );
}

function Evidence(props: { evidence: GateEvidence; model: string }) {
  const { evidence, model } = props;
  switch (evidence.kind) {
    case 'artifact-digest':
      return (
        <Facts
          facts={[
            {
              label: 'Registered',
              value: <Digest digest={evidence.expected} />,
            },
            {
              label: 'Computed from the bytes',
              value: <Digest digest={evidence.actual} />,
            },
            { label: 'Size', value: formatBytes(evidence.sizeBytes) },
          ]}
        />
      );
    case 'servable':
      return <Facts facts={servabilityFacts(evidence.servability)} />;
    case 'connection':
      return (
        <Facts
          facts={[
            { label: 'Connection', value: <code>{evidence.name}</code> },
            { label: 'Provider', value: evidence.provider },
            {
              label: 'Last check',
              value: evidence.checkedAt && (
                <RelativeTime at={evidence.checkedAt} />
              ),
            },
          ]}
        />
      );
    case 'signature-compatible':
      return evidence.differences.length === 0 ? null : (
        <ul className={styles.differences}>
          {evidence.differences.map(difference => (
            <li key={difference}>{difference}</li>
          ))}
        </ul>
      );
    case 'evaluation': {
      const { comparedWith, metric, base, candidate, paired, margin, own } =
        evidence;
      const { measured } = evidence;
      return (
        <>
          {own && (
            <Facts
              facts={own.map(({ metric: name, value, interval, rows }) => ({
                label: `${name} of this version`,
                value: `${formatMetric(value)}${
                  interval
                    ? ` (${formatMetric(interval[0])} to ${formatMetric(
                        interval[1],
                      )})`
                    : ''
                }, ${formatNumber(rows)} rows`,
              }))}
            />
          )}
          {paired && (
            <IntervalChart paired={paired} margin={margin} isToldBefore />
          )}
          {metric && (
            <Facts
              facts={[
                {
                  label: `${metric} of version ${comparedWith ?? '–'}, running`,
                  value: formatMetric(base),
                },
                {
                  label: `${metric} of this version`,
                  value: formatMetric(candidate),
                },
                {
                  label: 'Measured here',
                  value: measured && measuredText(measured),
                },
                {
                  label: 'Loss that is let through',
                  value:
                    margin === undefined ? undefined : formatNumber(margin, 4),
                },
              ]}
            />
          )}
        </>
      );
    }
    case 'prompt-evaluation':
      return <PromptEvidence evidence={evidence} model={model} />;
    case 'cost':
      return <CostEvidence evidence={evidence} />;
    case 'slices':
      return <SliceEvidence evidence={evidence} />;
    case 'facts':
      return (
        <Facts
          facts={evidence.facts.map(({ label, value }) => ({
            label,
            value: MOMENT.test(value) ? formatMoment(value) : value,
          }))}
        />
      );
    case 'markdown':
      return <div className={styles.told}>{evidence.text}</div>;
    default:
      throw new Error(`Unknown gate evidence: ${evidence satisfies never}`);
  }
}

function measuredText(measured: { base: boolean; candidate: boolean }): string {
  if (measured.base && measured.candidate) return 'both';
  if (measured.candidate) return 'this version; the other is claimed';
  return measured.base
    ? 'the running version; this one is claimed'
    : 'neither: both are claimed';
}
