/** What a parameter of a template may be. */
export type ParameterType = 'integer' | 'number' | 'string' | 'boolean';

export type ParameterValue = number | string | boolean;

/** Something that whoever starts a job may choose. */
export interface TemplateParameter {
  /** Letters, digits and underscores: the program sees it as `GREENROOM_PARAM_<NAME>`, too. */
  name: string;
  title?: string;
  description?: string;
  type: ParameterType;
  /** Without one it has to be given. */
  default?: ParameterValue;
  /** Of numbers. */
  minimum?: number;
  /** Of numbers. */
  maximum?: number;
  /** What it may be, where that is a short list. */
  choices?: ParameterValue[];
}

/** A dataset of the registry that the program reads. */
export interface TemplateDataset {
  /** What the program knows it by: `GREENROOM_DATASET_<NAME>` is where its files are. */
  name: string;
  /** Name of the dataset in the registry. */
  dataset: string;
  /** The newest one where nothing is said. */
  version?: number;
}

export type JobPriority = 'low' | 'normal' | 'high';

export const JOB_PRIORITIES: readonly JobPriority[] = ['low', 'normal', 'high'];

/** What a job runs on. */
export interface JobResources {
  /** Name of one of `greenroom.flavors`; whatever the backend has where nothing is said. */
  flavor?: string;
  /** How many of the flavor each node has. */
  count: number;
  /** Programs that work together, each on a node of its own. */
  nodes: number;
  /** Memory of each node, as Kubernetes writes it: `2Gi`. */
  memory?: string;
  /** Processors of each node, as Kubernetes writes them: `2`, `500m`. */
  cpu?: string;
}

/** What a template runs. */
export interface TemplateProgram {
  /** Of a container, with its digest; a cluster needs it, and this machine does not use it. */
  image?: string;
  /** The program and its arguments, run in the template's folder. `{{ epochs }}` is the value of a parameter. */
  command: string[];
  /** Path of a file beside the template that names Python packages exactly: the command has them on this machine. */
  pythonLock?: string;
}

/** How models are trained again and again, as `greenroom/train.yaml` says it. */
export interface TemplateSpec {
  name: string;
  title: string;
  description?: string;
  /** Entity ref of the group or user that answers for it, and whose quota its jobs count against. */
  owner: string;
  /** Name of the experiment that its runs belong to; made where there is none. */
  experiment: string;
  /** Name of the registered model that its jobs may add versions to. */
  model?: string;
  program: TemplateProgram;
  parameters: TemplateParameter[];
  datasets: TemplateDataset[];
  resources: JobResources;
  priority: JobPriority;
  /** Minutes that a job may run: all its attempts together, from its start or the last Retry. */
  deadlineMinutes: number;
  /** How often it is tried again when it is not the program that failed: 0 to 10. */
  retries: number;
  /** Whether the program goes on from what it has put into `GREENROOM_CHECKPOINTS`. */
  checkpoints: boolean;
}

/** Where a template lies. */
export type TemplateLocation =
  | {
      type: 'url';
      /** Of the file at a Git host that the portal reads from. */
      target: string;
    }
  | {
      type: 'file';
      /** Path on the control plane's machine; only the configuration names such. */
      target: string;
    };

/** A template as it was read last. */
export interface TrainingTemplate {
  spec: TemplateSpec;
  location: TemplateLocation;
  /** Commit that it was read at; a digest of its files where there is no Git. */
  revision: string;
  /** Of the folder that it lies in, packed: what its jobs run. */
  sourceDigest: string;
  /** ISO 8601. */
  readAt: string;
  /** Why it could not be read again since; what was read last holds. */
  problem?: string;
  /** Entity ref of a person, or `service:<name>`. */
  registeredBy: string;
}
