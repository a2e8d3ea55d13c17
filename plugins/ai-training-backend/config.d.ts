export interface Config {
  /** Experiments and runs. */
  aiTraining?: {
    audit?: {
      /** Whole months that it is kept who changed experiments, besides the current one. Default 13. */
      keepMonths?: number;
    };
    /**
     * Training templates on the machine of the control plane. Those in Git are registered in the portal. What a
     * template says is run.
     */
    templates?: {
      /** Path of a file `greenroom/train.yaml`, absolute or from the backend's folder. */
      file: string;
    }[];
    /** What teams may spend on training in a calendar month (UTC), by the prices of `greenroom.flavors`. */
    budgets?: {
      /** Entity ref of the team, such as `group:default/vision`; one budget a team. */
      team: string;
      /** New jobs wait when it is used up; it may be passed by what is spent in 15 seconds, and by what runs. */
      amountPerMonth: number;
      /** Of the prices that it counts. Default USD. */
      currency?: string;
      /** Whether running jobs are ended as well. Default false. */
      stopsRunning?: boolean;
    }[];
    checkpoints?: {
      /** Days that checkpoints are kept after the end of a job. Default 7. */
      keepDays?: number;
    };
  };
}
