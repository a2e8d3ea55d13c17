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
    /** Versions that MLflow has logged become ones in ONNX, by a job of their owner. */
    conversion?: {
      /**
       * Image of the converter in a cluster, with its digest: Python with the packages of its `requirements.lock`. Without one,
       * conversions run on this machine alone.
       */
      image?: string;
      /**
       * Absolute path of a lock file that takes the place of the converter's own, for models of other versions of their
       * libraries. Used on this machine.
       */
      pythonLock?: string;
      /** Most memory of the program, such as 8Gi. Default 4Gi. */
      memory?: string;
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
    /**
     * Training by programs of the control plane's own machine. They run as its user and may read what it may: enable
     * it only where you trust all who may register templates.
     */
    local?: {
      /** Default false. */
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
    /** Clusters that training jobs run in, as Jobs. */
    kubernetes?: Array<{
      /** As jobs name it. Default: the cluster's name, or `kubernetes`. */
      name?: string;
      /** Name of a cluster of `kubernetes.clusterLocatorMethods`. Default: the one that the control plane runs in. */
      cluster?: string;
      /** Namespace of the Jobs. */
      namespace: string;
      /** Where pods reach the control plane: `https://portal.example.com`. */
      controlPlaneUrl: string;
      /** File with the certificates, PEM, of who signs the control plane's, where images do not know them. */
      controlPlaneCaFile?: string;
      /** The data plane's image, which fetches code and data. */
      fetchImage: string;
      /** PersistentVolumeClaim (ReadWriteMany) of checkpoints. Without one they last no longer than a pod. */
      checkpointsClaim?: string;
      /** Makes a NetworkPolicy for each attempt: pods reach each other, DNS, and these. */
      networkPolicy?: {
        allow: Array<{
          /** Addresses: `10.0.0.7/32`. */
          cidr?: string;
          /** Or the pods of a namespace, */
          namespace?: string;
          /** those with these labels. */
          podLabels?: { [label: string]: string };
          /** Default: all. */
          port?: number;
        }>;
      };
      /** Whether images may be named without their digest. Default false. */
      allowTags?: boolean;
      /** Processors of a pod whose job and flavor name none. Default 1. */
      cpu?: string;
      /** Memory of a pod whose job and flavor name none. Default 2Gi. */
      memory?: string;
      /** Id of the user and the group of programs. Default 65532. */
      userId?: number;
      /** Most seconds that programs have to save what they have when they are to end. Default 120. */
      graceSeconds?: number;
      /** Seconds for which an image that cannot be pulled is tried. Default 300. */
      imageSeconds?: number;
      /** Has Kueue decide when jobs start. */
      kueue?: {
        /** Name of the LocalQueue of teams that have no other one. */
        queue?: string;
        /** Names of LocalQueues by entity ref of the team. */
        teams?: { [team: string]: string };
        /** Names of WorkloadPriorityClasses by the priority that jobs have in the portal; one that is left out names none. */
        priorities?: { low?: string; normal?: string; high?: string };
      };
      /**
       * URL of the metrics of the DCGM exporters, such as `http://dcgm-exporter.gpu-operator:9400/metrics`: each address of
       * its name is asked. Default: what GPUs do is not known.
       */
      gpuExporterUrl?: string;
      /** Has Kubeflow Trainer run jobs, where the cluster has it; others are Jobs. */
      trainer?: {
        /** Name of the runtime that says how nodes find each other and are placed. Default `torch-distributed`. */
        runtime?: string;
        /** Whether it is of the cluster or of the namespace. Default ClusterTrainingRuntime. */
        runtimeKind?: 'ClusterTrainingRuntime' | 'TrainingRuntime';
        /** Which jobs. Default several-nodes: those of more than one node. */
        runs?: 'several-nodes' | 'all';
      };
    }>;
  };
}
