export interface Config {
  /** Experiments and runs. */
  aiTraining?: {
    audit?: {
      /** Whole months that it is kept who changed experiments, besides the current one. Default 13. */
      keepMonths?: number;
    };
  };
}
