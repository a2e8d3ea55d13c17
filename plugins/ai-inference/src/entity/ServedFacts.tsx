import { useApi } from '@backstage/core-plugin-api';
import {
  formatDuration,
  formatMillis,
  formatMoney,
  formatNumber,
  formatShare,
  Loaded,
  useLive,
} from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { aiInferenceApiRef } from '../api/AiInferenceApi';
import { comparisonApiRef } from '../api/ComparisonApi';
import { costsOf, groupsOfRun, type PodCost } from '../deployments/podCost';
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

/** How good, how quick and how dear the version is that answers most requests of a deployment. */
export function ServedFacts({ deployment }: { deployment: Deployment }) {
  const { environment, model } = deployment;
  const version = mainVersionOf(deployment);
  const monitoring = useApi(comparisonApiRef);
  const inference = useApi(aiInferenceApiRef);
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
  // Apart: whether machines have a price is no reason not to tell the rest.
  const places = useLive(
    signal => inference.listEnvironments({ signal }),
    [environment],
    { pollMillis: POLL_MILLIS, keepPrevious: true },
  );
  const place = places.value?.items.find(
    item => item.environment === environment,
  );
  const costs = place ? costsOf(groupsOfRun(place)) : [];
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
          {costs.length > 0 && (
            <>
              <dt>Cost</dt>
              <dd>
                {costs.map(cost => (
                  <Cost
                    key={cost.currency}
                    cost={cost}
                    environment={environment}
                  />
                ))}
              </dd>
            </>
          )}
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

/** The machines of an environment serve all that is deployed there: nobody can say which part is one model's. */
function Cost({ cost, environment }: { cost: PodCost; environment: string }) {
  const { perHour, per30Days, currency } = cost;
  return (
    <div>
      {formatMoney(perHour, currency)} an hour,{' '}
      {formatMoney(per30Days, currency)} in 30 days{' '}
      <span className={styles.subtle}>
        for all that {environment} serves, at its present size
      </span>
    </div>
  );
}
