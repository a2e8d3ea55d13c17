export interface Config {
  /** Traffic, drift and health of served models. */
  aiMonitoring?: {
    retention?: {
      /** Hours for which 10-second windows are kept before they merge into minutes. Default 1. */
      tenSecondHours?: number;
      /** Hours for which 1-minute windows are kept before they merge into hours. Default 48. */
      minuteHours?: number;
      /** Days for which 1-hour windows are kept. Default 90. */
      hourDays?: number;
      /** Hours for which a batch of records is remembered, so that it is not counted again when it is sent again. Default 48. */
      batchHours?: number;
    };
    audit?: {
      /** Whole months that it is kept when models became better or worse, besides the current one. Default 13. */
      keepMonths?: number;
    };
    comparisons?: {
      /** Callers that are kept of versions that are compared. When more have come, a fair half of them is counted from then on, and half of that. Default 200000. */
      maxUnits?: number;
    };
    outcomes?: {
      /** Requests of one model in one environment that are kept a day, so that they can be given an outcome. More are shed and counted. Default 1000000. */
      maxRequestsPerDay?: number;
    };
    notices?: {
      /** Seconds for which a model has to be in warning or alert before its owners are told. Default 60. */
      worseSeconds?: number;
      /** Seconds for which a model has to be better again before its owners are told. Default 300. */
      betterSeconds?: number;
    };
    records?: {
      /** How far a data plane's clock may be off, in seconds. Up to there the times of its records are corrected; beyond, they are refused and shown as lost. Default 300. */
      maxClockOffsetSeconds?: number;
    };
    health?: {
      /** Fewest requests in five minutes whose error rate gets a verdict. Default 20. */
      minRequests?: number;
      /** Share of requests with a 5xx status, 0 to 1, from which on a model has a warning. Default 0.01. */
      serverErrorRateWarning?: number;
      /** Share of requests with a 5xx status, 0 to 1, from which on a model has an alert. Default 0.05. */
      serverErrorRateAlert?: number;
      /** Share of requests with a 4xx status, 0 to 1, from which on a model has a warning. Default 0.2. */
      clientErrorRateWarning?: number;
      /** Share of features with a significant and large drift, 0 to 1, from which on a model has an alert; fewer are a warning. Default 0.2. */
      driftedShareAlert?: number;
    };
  };
}
