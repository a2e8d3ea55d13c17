import { pairedBootstrap } from '@greenroom/ml-kit';
import type { MeasurementComparison } from '@greenroom/plugin-ai-registry-common';
import type { MeasurementRecord } from './measurement';

type Side = Pick<MeasurementRecord, 'version' | 'state'> & {
  perRow: number[] | undefined;
};

/**
 * How much better a version is than what ran in an environment, on the rows that both have answered.
 *
 * @param base - of what ran there; undefined where it was not measured
 */
export function compareMeasurements(
  candidate: Side,
  {
    environment,
    version,
  }: Pick<MeasurementComparison, 'environment' | 'version'>,
  base: Side | undefined,
): Pick<MeasurementComparison, 'paired' | 'missing'> {
  if (version === undefined) {
    return { missing: `Nothing ran in ${environment} when it was asked for.` };
  }
  if (version === candidate.version) {
    return { missing: `It is the version that ran in ${environment}.` };
  }
  for (const side of [candidate, base]) {
    const missing = side && whyMissing(side);
    if (missing) return { missing };
  }
  if (!base || candidate.state.phase !== 'done') return {};
  const [primary] = candidate.state.result.metrics;
  const { perRow } = candidate;
  if (!perRow || !base.perRow || perRow.length !== base.perRow.length) {
    return {
      missing:
        'One of the versions did not answer all rows, so that they cannot be compared row by row.',
    };
  }
  const { improvement, interval, method } = pairedBootstrap({
    base: base.perRow,
    candidate: perRow,
    higherIsBetter: primary.higherIsBetter,
  });
  return {
    paired: {
      metric: primary.name,
      rows: perRow.length,
      improvement,
      interval,
      method,
    },
  };
}

function whyMissing({ version, state }: Side): string | undefined {
  switch (state.phase) {
    case 'queued':
    case 'running':
      return `Version ${version} is still being measured.`;
    case 'failed':
      return `Version ${version} could not be measured: ${state.reason}`;
    case 'cancelled':
      return `${state.cancelledBy} cancelled the measurement of version ${version}.`;
    default:
      return undefined;
  }
}
