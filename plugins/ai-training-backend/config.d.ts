export interface Config {
  /** Experiments and runs. */
  aiTraining?: {
    audit?: {
      /** Whole months that it is kept who changed experiments, besides the current one. Default 13. */
      keepMonths?: number;
    };
    /**
     * Training by programs of the control plane's own machine. They run as its user and may read what it may: leave it
     * enabled only where you trust all who may register templates.
     */
    local?: {
      /** Default true. */
      enabled?: boolean;
      /** Absolute path of the folder for sources, logs, checkpoints and Python packages. Default: `training` beside `aiRegistry.artifacts.directory`. */
      directory?: string;
      /** How many programs run at once; a job may take several of these places by its `count`. Default: half of the processors, at least 1. */
      slots?: number;
      /** Most memory of a job that says nothing of it, such as 2Gi; all its processes together. Default: no bound. */
      memory?: string;
      /** Command of the Python that environments are made with, 3.9 or newer. Default python3. */
      python?: string;
      /** Seconds that programs go on while there is no control plane; they are ended then. Default 120. */
      awaySeconds?: number;
    };
  };
}
