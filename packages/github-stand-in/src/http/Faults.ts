/** What goes wrong with a request to the API. */
export type Fault =
  /** No requests are left in this hour. */
  | { kind: 'rate-limit'; resetInSeconds: number }
  /** Too many at once; GitHub does not always say how long to wait. */
  | { kind: 'secondary-rate-limit'; retryAfterSeconds?: number }
  /** Answers so without having done anything. */
  | { kind: 'refuse'; status: number; message: string }
  /** Does what is asked, and then the connection is cut. */
  | { kind: 'cut-after' }
  /** Never answers. */
  | { kind: 'hang' }
  | { kind: 'slow'; millis: number };

export interface FaultRule {
  fault: Fault;
  /** How many requests it hits. */
  times: number;
  /** Which requests; each one when it is left out. */
  method?: string;
  path?: RegExp;
}

/** Faults that are to come, in the order in which they were asked for. */
export class Faults {
  #rules: FaultRule[] = [];

  inject(rule: FaultRule): void {
    this.#rules.push({ ...rule });
  }

  clear(): void {
    this.#rules = [];
  }

  take(request: { method: string; path: string }): Fault | undefined {
    const rule = this.#rules.find(
      ({ times, method, path }) =>
        times > 0 &&
        (method === undefined || method === request.method) &&
        (path === undefined || path.test(request.path)),
    );
    if (!rule) return undefined;
    rule.times -= 1;
    return rule.fault;
  }
}
