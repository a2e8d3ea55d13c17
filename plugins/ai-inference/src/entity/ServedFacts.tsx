import { useApi } from '@backstage/core-plugin-api';
import {
  formatDuration,
  formatMillis,
  formatNumber,
  formatShare,
  Loaded,
  useLive,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { comparisonApiRef } from '../api/ComparisonApi';
import { mainVersionOf } from '../playground/mainVersionOf';
import styles from '../deployments/deployments.module.css';
import {
  describeQuality,
  type SlowestWindow,
  slowestWindow,
} from './describeServed';

const DAY_MILLIS = 24 * 60 * 60_000;
/** As long as labels may take to come. */
const QUALITY_DAYS = 30;
const POLL_MILLIS = 60_000;

/** How good and how quick the version is that answers most requests of a deployment. */
export function ServedFacts({ deployment }: { deployment: Deployment }) {
  const { environment, model } = deployment;
  const version = mainVersionOf(deployment);
  const monitoring = useApi(comparisonApiRef);
  const facts = useLive(
    async signal => {
      const now = Date.now();
      const since = (days: number) => ({
        environment,
        model,
        from: new Date(now - days * DAY_MILLIS).toISOString(),
        to: new Date(now).toISOString(),
      });
      const [outcomes, traffic] = await Promise.all([
        monitoring.listOutcomes(since(QUALITY_DAYS), { signal }),
        monitoring.getTraffic(since(1), { signal }),
      ]);
      return {
        quality: outcomes.quality.find(one => one.version === version),
        slowest: slowestWindow(
          traffic.items.find(one => one.version === version),
        ),
      };
    },
    [environment, model, version],
    { pollMillis: POLL_MILLIS, keepPrevious: true },
  );
  return (
    <Loaded live={facts} what="how it does" skeleton={[72]}>
      {({ quality, slowest }) => (
        <dl
          className={styles.sides}
          aria-label={`How version ${version} does in ${environment}`}
        >
          <dt>Answers</dt>
          <dd>
            version {version} in {environment}
          </dd>
          <dt>Quality</dt>
          <dd>
            {describeQuality(quality, { formatShare, formatNumber }).map(
              sentence => (
                <div key={sentence}>{sentence}</div>
              ),
            )}
          </dd>
          <dt>Latency</dt>
          <dd>
            {slowest ? (
              <Latency slowest={slowest} />
            ) : (
              'not asked in the last 24 hours'
            )}
          </dd>
        </dl>
      )}
    </Loaded>
  );
}

function Latency({ slowest }: { slowest: SlowestWindow }) {
  const { p50, p99, windowSeconds } = slowest;
  return (
    <>
      p50 {formatMillis(p50)}, p99 {formatMillis(p99)}{' '}
      <span className={styles.subtle}>
        in the slowest {formatDuration(windowSeconds)} of the last 24 hours
      </span>
    </>
  );
}
