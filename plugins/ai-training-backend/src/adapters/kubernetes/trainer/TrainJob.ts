import type {
  KubernetesObject,
  V1Condition,
  V1EnvVar,
  V1JobSpec,
  V1ObjectMeta,
  V1ResourceRequirements,
} from '@kubernetes/client-node';

export const TRAINER_GROUP = 'trainer.kubeflow.org';
export const TRAINER_API = `${TRAINER_GROUP}/v1alpha1`;
/** On a Job, by JobSet: of which JobSet it is. */
export const JOB_SET_LABEL = 'jobset.sigs.k8s.io/jobset-name';
/** Of the step that trains, by Kubeflow Trainer. */
export const STEP_LABEL = 'trainer.kubeflow.org/trainjob-ancestor-step';
export const TRAINER_STEP = 'trainer';
/** Name of the step that trains, and of its container: Kubeflow Trainer has others find nodes by it. */
export const NODE = 'node';

/** A TrainJob of Kubeflow Trainer, as far as it is made and read. */
export interface TrainJob extends KubernetesObject {
  spec?: {
    runtimeRef: { name: string; apiGroup?: string; kind?: string };
    suspend?: boolean;
    activeDeadlineSeconds?: number;
    trainer?: {
      image?: string;
      command?: string[];
      env?: V1EnvVar[];
      numNodes?: number;
      resourcesPerNode?: V1ResourceRequirements;
    };
  };
  status?: {
    /** `Suspended`, `Complete`, `Failed`. */
    conditions?: V1Condition[];
  };
}

/** A TrainingRuntime, or a ClusterTrainingRuntime: the JobSet that a TrainJob becomes. */
export interface TrainingRuntime extends KubernetesObject {
  spec?: {
    /** How nodes find each other: `torch`, `jax`, `mpi` ... */
    mlPolicy?: { numNodes?: number } & Record<string, unknown>;
    /** How they are placed all at once. */
    podGroupPolicy?: object;
    template?: {
      metadata?: Pick<V1ObjectMeta, 'labels' | 'annotations'>;
      spec?: {
        replicatedJobs?: {
          name: string;
          replicas?: number;
          template?: { metadata?: V1ObjectMeta; spec?: V1JobSpec };
        }[];
      } & Record<string, unknown>;
    };
  };
}
