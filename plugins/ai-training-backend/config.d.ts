export interface Config {
  /** Experiments and runs. */
  aiTraining?: {
    audit?: {
      /** Whole months that it is kept who changed experiments, besides the current one. Default 13. */
      keepMonths?: number;
    };
    /**
     * What teams may use of `greenroom.flavors` for training, on all backends together; at most 10,000, one for each team
     * and flavor. What a team does not use of its own it lends to the others, and gets it back when it needs it: jobs
     * that borrow are stopped for that, and wait again. A team that is not named has nothing of its own, may borrow
     * everything, and weighs 1.
     */
    quotas?: Array<{
      /** Entity ref of a group or user, e.g. `group:default/vision`. */
      team: string;
      /** Name of one of `greenroom.flavors`. */
      flavor: string;
      /** Units of the flavor that are its own, a whole number from 0 on. */
      nominal: number;
      /** Most units that it may use beyond its own, a whole number from 0 on. Without it there is no limit. */
      borrow?: number;
      /**
       * How much of what is lent it gets beside the others, from 0.001 on: with 3 three times what one with 1 gets.
       * @default 1
       */
      weight?: number;
    }>;
  };
}
