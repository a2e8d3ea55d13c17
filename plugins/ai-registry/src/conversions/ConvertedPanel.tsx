import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  Facts,
  formatNumber,
  Panel,
  RelativeTime,
  StatusPill,
  type StatusTone,
} from '@greenroom/ai-react';
import type {
  ConversionCheck,
  VersionConversion,
} from '@greenroom/plugin-ai-registry-common';
import { jobRouteRef, versionRouteRef } from '../routes';

/** What was made of which version, and how it is known that both predict the same. */
export function ConvertedPanel(props: {
  version: { model: string; conversion: VersionConversion };
}) {
  const { model, conversion } = props.version;
  const { from, job, check, rows, libraries, numbers } = conversion;
  const toJob = useRouteRef(jobRouteRef);
  const toVersion = useRouteRef(versionRouteRef);
  const { tone, label } = describeCheck(check);
  const others = Object.entries(libraries).filter(
    ([, { logged, used }]) => logged !== undefined && logged !== used,
  );
  return (
    <Panel
      title="Conversion"
      description="What the model itself said of the rows comes from its job; what the ONNX file says of them was computed again by the data plane's runtime."
    >
      <StatusPill tone={tone}>{label}</StatusPill>
      <Facts
        facts={[
          {
            label: 'Converted from',
            value: job ? (
              <Link
                href={
                  toVersion?.({ name: model, version: String(from.version) }) ??
                  '#'
                }
              >
                Version {from.version}
              </Link>
            ) : (
              `Version ${from.version} of ${from.model}, as its files say`
            ),
          },
          {
            label: 'By',
            value: job && (
              <Link href={toJob?.({ id: job }) ?? '#'}>its training job</Link>
            ),
          },
          {
            label: 'In its job',
            value: `equal on ${rowsText(
              rows,
            )}, largest difference ${formatNumber(
              conversion.largestDifference,
            )}`,
            wide: true,
          },
          {
            label: 'Computed again',
            value: check && <CheckFact check={check} />,
            wide: true,
          },
          { label: 'Numbers', value: numbers },
          {
            label: 'Read by another version',
            value:
              others
                .map(
                  ([name, { logged, used }]) =>
                    `${name} ${used}, logged with ${logged}`,
                )
                .join(', ') || undefined,
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}

function CheckFact({ check }: { check: ConversionCheck }) {
  return (
    <>
      {check.outcome === 'not-checked'
        ? check.reason
        : `${rowsText(check.rows - check.differing)} of ${
            check.rows
          } equal, largest difference ${formatNumber(
            check.largestDifference,
          )}, by ${check.runtime}`}
      {', '}
      <RelativeTime at={check.checkedAt} />
    </>
  );
}

export function describeCheck(check: ConversionCheck | undefined): {
  tone: StatusTone;
  label: string;
} {
  switch (check?.outcome) {
    case 'equal':
      return {
        tone: 'good',
        label: `Predicts the same on ${rowsText(check.rows)}`,
      };
    case 'different':
      return {
        tone: 'bad',
        label: `Predicts something else on ${rowsText(check.differing)}`,
      };
    case 'not-checked':
      return { tone: 'warning', label: 'Not computed again' };
    default:
      return { tone: 'progress', label: 'Not computed again yet' };
  }
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
