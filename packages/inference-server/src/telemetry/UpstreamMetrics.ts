import type { CallOutcome } from '../connections/failures';
import { formatLabels } from './prometheus';

/** How an upstream is at this moment. */
export interface UpstreamGauges {
  name: string;
  inFlight: number;
  isAvailable: boolean;
}

/** Counts calls to the upstreams of connections, in the Prometheus text format. */
export class UpstreamMetrics {
  readonly #calls = new Map<string, number>();
  readonly #retries = new Map<string, number>();

  readonly onCall = (upstream: string, outcome: CallOutcome): void => {
    count(this.#calls, formatLabels({ upstream, outcome }));
  };

  readonly onRetry = (connection: string, granted: boolean): void => {
    const result = granted ? 'sent' : 'refused';
    count(this.#retries, formatLabels({ connection, result }));
  };

  /** @param gauges - of all upstreams in use; two of one name are told as one */
  write(gauges: readonly UpstreamGauges[]): string {
    const inFlight = new Map<string, number>();
    const available = new Map<string, number>();
    for (const { name, inFlight: calls, isAvailable } of gauges) {
      const of = formatLabels({ upstream: name });
      inFlight.set(of, (inFlight.get(of) ?? 0) + calls);
      available.set(of, Math.max(available.get(of) ?? 0, isAvailable ? 1 : 0));
    }
    return [
      '# HELP greenroom_upstream_calls_total Calls to upstreams of connections, those that were sent again too.\n',
      '# TYPE greenroom_upstream_calls_total counter\n',
      ...lines('greenroom_upstream_calls_total', this.#calls),
      '# HELP greenroom_upstream_retries_total Calls that were to be sent again: sent, or refused since too many were.\n',
      '# TYPE greenroom_upstream_retries_total counter\n',
      ...lines('greenroom_upstream_retries_total', this.#retries),
      '# HELP greenroom_upstream_calls_in_flight Calls whose answers are on their way.\n',
      '# TYPE greenroom_upstream_calls_in_flight gauge\n',
      ...lines('greenroom_upstream_calls_in_flight', inFlight),
      '# HELP greenroom_upstream_available 0 while it is left alone, since calls failed or a limit is reached.\n',
      '# TYPE greenroom_upstream_available gauge\n',
      ...lines('greenroom_upstream_available', available),
    ].join('');
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function lines(name: string, values: ReadonlyMap<string, number>): string[] {
  return [...values].map(([labels, value]) => `${name}${labels} ${value}\n`);
}
