import type { NamedObject } from '@greenroom/cluster-client';
import type { V1PodSpec } from '@kubernetes/client-node';
import {
  NODE,
  STEP_LABEL,
  TRAINER_API,
  TRAINER_GROUP,
  TRAINER_STEP,
  type TrainingRuntime,
  type TrainJob,
} from '../trainer/TrainJob';
import { jobTemplate } from './jobTemplate';
import {
  attemptName,
  labelsOf,
  metadataOf,
  type Owner,
  ownedMetadata,
  queueLabels,
} from './labels';
import type { PlacedAttempt } from './PlacedAttempt';

/** As its kind has it. */
const MOST_VARIABLES = 128;
/** As Kubernetes has names of pods. */
const MOST_NAME_CHARACTERS = 63;
/** What a pod is placed by, and nothing that it can do: that is as of every attempt. */
const PLACING = [
  'affinity',
  'imagePullSecrets',
  'priorityClassName',
  'runtimeClassName',
  'schedulerName',
  'schedulingGates',
  'topologySpreadConstraints',
] as const;

/** Whether the names of its pods are short enough: `<attempt>-node-0-<node>-<five characters>`. */
export function hasNamesForTrainer({
  wanted,
}: Pick<PlacedAttempt, 'wanted'>): boolean {
  const last = String(wanted.resources.nodes - 1);
  const name = `${attemptName(wanted)}-${NODE}-0-${last}-abcde`;
  return name.length <= MOST_NAME_CHARACTERS;
}

/** Runs an attempt with Kubeflow Trainer, in a runtime of its own. */
export function trainJob(
  placed: PlacedAttempt,
  base: TrainingRuntime,
): TrainJob & NamedObject {
  const { wanted } = placed;
  const metadata = metadataOf(placed);
  const queue = queueLabels(placed);
  const container = programOf(placed, base);
  return {
    apiVersion: TRAINER_API,
    kind: 'TrainJob',
    metadata: { ...metadata, labels: { ...metadata.labels, ...queue } },
    spec: {
      runtimeRef: {
        apiGroup: TRAINER_GROUP,
        kind: 'TrainingRuntime',
        name: metadata.name,
      },
      suspend: queue !== undefined,
      trainer: {
        image: container?.image,
        command: container?.command,
        env: container?.env?.slice(0, MOST_VARIABLES),
        numNodes: wanted.resources.nodes,
        resourcesPerNode: container?.resources,
      },
    },
  };
}

/**
 * The runtime of one TrainJob: how nodes find each other and are placed is that of the cluster's runtime, and what pods are
 * and may do is as of every attempt, which a TrainJob alone cannot say.
 *
 * @param base - the cluster's
 * @param owner - undefined before there is one
 */
export function trainingRuntime(
  placed: PlacedAttempt,
  base: TrainingRuntime,
  owner: Owner | undefined,
): TrainingRuntime & NamedObject {
  const { wanted } = placed;
  const name = attemptName(wanted);
  const { mlPolicy, podGroupPolicy, template } = base.spec ?? {};
  const step = stepOf(base);
  const spec = templateOf(placed, base);
  const own = spec.template.spec;
  const theirs = step?.template?.spec?.template;
  const {
    labels: _labels,
    annotations: _annotations,
    ...rest
  } = metadataOf(placed);
  return {
    apiVersion: TRAINER_API,
    kind: 'TrainingRuntime',
    metadata: owner
      ? ownedMetadata(placed, owner)
      : { ...rest, labels: labelsOf(placed) },
    spec: {
      mlPolicy: { ...mlPolicy, numNodes: wanted.resources.nodes },
      ...(podGroupPolicy && { podGroupPolicy }),
      template: {
        ...(template?.metadata && { metadata: template.metadata }),
        spec: {
          network: {
            enableDNSHostnames: true,
            publishNotReadyAddresses: true,
            subdomain: name,
          },
          // It is tried again by the control plane, as another attempt.
          failurePolicy: { maxRestarts: 0 },
          replicatedJobs: [
            {
              name: NODE,
              replicas: 1,
              template: {
                metadata: {
                  labels: { ...labelsOf(placed), [STEP_LABEL]: TRAINER_STEP },
                },
                spec: {
                  ...spec,
                  template: {
                    metadata: {
                      labels: {
                        ...theirs?.metadata?.labels,
                        ...spec.template.metadata?.labels,
                      },
                      annotations: {
                        ...theirs?.metadata?.annotations,
                        ...spec.template.metadata?.annotations,
                      },
                    },
                    spec: own && placedAs(own, theirs?.spec),
                  },
                },
              },
            },
          ],
        },
      },
    },
  };
}

/** Why an attempt cannot run in it; undefined where it can. */
export function problemWithRuntime(base: TrainingRuntime): string | undefined {
  const { mlPolicy = {} } = base.spec ?? {};
  const jobs = base.spec?.template?.spec?.replicatedJobs ?? [];
  const { kind, metadata } = base;
  const policy = ['mpi', 'flux'].find(name => mlPolicy[name]);
  const expected =
    'name one with a single step, as torch-distributed has it (aiTraining.kubernetes[].trainer.runtime)';
  if (policy !== undefined) {
    return `${kind} ${metadata?.name} starts programs by ${policy}, which takes rights that programs do not get here: ${expected}`;
  }
  if (jobs.length !== 1 || !stepOf(base)) {
    return `${kind} ${metadata?.name} has the steps ${
      jobs.map(({ name }) => name).join(', ') || '(none)'
    }: ${expected}`;
  }
  return undefined;
}

function stepOf(base: TrainingRuntime) {
  return base.spec?.template?.spec?.replicatedJobs?.find(
    ({ name, template }) =>
      name === NODE &&
      template?.metadata?.labels?.[STEP_LABEL] === TRAINER_STEP,
  );
}

function templateOf(placed: PlacedAttempt, base: TrainingRuntime) {
  const name = attemptName(placed.wanted);
  return jobTemplate(placed, {
    container: NODE,
    rendezvous: {
      address: `${name}-${NODE}-0-0.${name}`,
      // Kubeflow Trainer says it itself, and nobody else may.
      launcher: base.spec?.mlPolicy?.torch === undefined,
    },
  });
}

function programOf(placed: PlacedAttempt, base: TrainingRuntime) {
  return templateOf(placed, base).template.spec?.containers[0];
}

/** What a flavor says counts before what the runtime says. */
function placedAs(own: V1PodSpec, theirs: V1PodSpec | undefined): V1PodSpec {
  const placing = Object.fromEntries(
    PLACING.flatMap(field =>
      theirs?.[field] === undefined ? [] : [[field, theirs[field]]],
    ),
  );
  const nodeSelector = { ...theirs?.nodeSelector, ...own.nodeSelector };
  const tolerations = [
    ...(theirs?.tolerations ?? []),
    ...(own.tolerations ?? []),
  ];
  return {
    ...placing,
    ...own,
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations }),
  };
}
