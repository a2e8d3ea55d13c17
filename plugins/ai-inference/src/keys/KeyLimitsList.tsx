import { formatNumber } from '@greenroom/ai-react';
import type {
  ApiKey,
  RequestLimits,
  RequestUse,
} from '@greenroom/plugin-ai-inference-common';
import styles from './keys.module.css';

/** The limits of a key, and what was used of them. */
export function KeyLimitsList({ apiKey }: { apiKey: ApiKey }) {
  const { limits, requestLimits, usedToday, lastMinute } = apiKey;
  if (!limits && !requestLimits) return <>none</>;
  const burst = requestLimits?.burst;
  const lines: [number | undefined, string][] = [
    [
      requestLimits?.requestsPerSecond,
      `requests a second${
        burst === undefined ? '' : `, ${formatNumber(burst)} at once`
      }`,
    ],
    [requestLimits?.requestsInFlight, 'requests at a time'],
    [requestLimits?.rowsPerMinute, 'rows a minute'],
    [limits?.perMinute, 'tokens a minute'],
    [limits?.perDay, 'tokens a day'],
  ];
  return (
    <>
      {lines.map(
        ([limit, what]) =>
          limit !== undefined && (
            <div key={what}>
              {formatNumber(limit)} {what}
            </div>
          ),
      )}
      {lastMinute?.map(({ environment, ...use }) => (
        <span key={`minute ${environment}`} className={styles.subtle}>
          {describe(use, requestLimits)} in {environment}
        </span>
      ))}
      {usedToday?.map(({ environment, tokens }) => (
        <span key={environment} className={styles.subtle}>
          {formatNumber(tokens)} tokens today in {environment}
        </span>
      ))}
    </>
  );
}

/** Only what there is a limit of. */
function describe(
  { requests, rows, refused, mostInFlight }: RequestUse,
  limits: RequestLimits | undefined,
): string {
  const parts = [
    `${formatNumber(requests)} requests in the last minute`,
    limits?.requestsInFlight !== undefined &&
      `at most ${formatNumber(mostInFlight)} at a time`,
    limits?.rowsPerMinute !== undefined && `${formatNumber(rows)} rows`,
    refused > 0 && `${formatNumber(refused)} refused`,
  ];
  return parts.filter(part => part !== false).join(', ');
}
