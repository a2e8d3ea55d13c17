import type {
  ModelVersion,
  Signature,
  SignatureComparison,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';

/** What there is to say of two versions, of whatever formats they are. */
export function compareInterfaces(
  base: Pick<ModelVersion, 'version' | 'signature' | 'external'>,
  candidate: Pick<ModelVersion, 'version' | 'signature' | 'external'>,
): SignatureComparison {
  if (base.signature && candidate.signature) {
    return compareSignatures(base.signature, candidate.signature);
  }
  if (
    base.external &&
    candidate.external &&
    !(base.signature || candidate.signature)
  ) {
    const kept = candidate.external.tasks;
    const gone = base.external.tasks.filter(task => !kept.includes(task));
    return {
      compatible: gone.length === 0,
      differences: gone.map(
        task => `Task '${task}' is gone: callers still ask for it.`,
      ),
      notComparable:
        'Not comparable: both run at a provider, and have tasks instead of a signature.',
    };
  }
  const [texts, tensors] = base.signature
    ? [candidate, base]
    : [base, candidate];
  return {
    compatible: false,
    differences: [
      `Version ${texts.version} is called through OpenAI's API, version ${tensors.version} is called with tensors.`,
    ],
    notComparable:
      'Not comparable: one of them takes texts, and has no signature.',
  };
}

/**
 * Whether callers of `base` can go on unchanged when `candidate` answers them: it
 * takes the same inputs, and gives at least the same outputs.
 *
 * @returns one sentence for each thing that would break them
 */
export function compareSignatures(
  base: Signature,
  candidate: Signature,
): { compatible: boolean; differences: string[] } {
  const differences = [
    ...base.inputs.flatMap(input =>
      compareInput(input, findTensor(candidate.inputs, input.name)),
    ),
    ...candidate.inputs
      .filter(input => !findTensor(base.inputs, input.name))
      .map(input => `Input '${input.name}' is new: callers do not send it.`),
    ...base.outputs.flatMap(output =>
      compareOutput(output, findTensor(candidate.outputs, output.name)),
    ),
  ];
  return { compatible: differences.length === 0, differences };
}

function compareInput(base: TensorSpec, candidate?: TensorSpec): string[] {
  if (!candidate) {
    return [`Input '${base.name}' is gone: callers still send it.`];
  }
  return [
    ...compareDatatype('Input', base, candidate),
    ...(admits(candidate.shape, base.shape)
      ? []
      : [
          `Input '${base.name}' takes the shape ${show(
            candidate,
          )} instead of ${show(base)}.`,
        ]),
  ];
}

function compareOutput(base: TensorSpec, candidate?: TensorSpec): string[] {
  if (!candidate) {
    return [`Output '${base.name}' is gone: callers read it.`];
  }
  return [
    ...compareDatatype('Output', base, candidate),
    ...(admits(base.shape, candidate.shape)
      ? []
      : [
          `Output '${base.name}' has the shape ${show(
            candidate,
          )} instead of ${show(base)}.`,
        ]),
    ...compareLabels(base, candidate),
  ];
}

function compareLabels(base: TensorSpec, candidate: TensorSpec): string[] {
  if (!base.labels || !candidate.labels) return [];
  const at = base.labels.findIndex(
    (label, i) => label !== candidate.labels?.[i],
  );
  return at === -1
    ? []
    : [
        `Output '${base.name}' has at place ${at} '${
          candidate.labels[at] ?? ''
        }' instead of '${base.labels[at]}'.`,
      ];
}

function compareDatatype(
  side: 'Input' | 'Output',
  base: TensorSpec,
  candidate: TensorSpec,
): string[] {
  return base.datatype === candidate.datatype
    ? []
    : [
        `${side} '${base.name}' is ${candidate.datatype} instead of ${base.datatype}.`,
      ];
}

/** Whether every tensor of the shape `narrow` also has the shape `wide`. */
function admits(wide: number[], narrow: number[]): boolean {
  return (
    wide.length === narrow.length &&
    wide.every((size, axis) => size === -1 || size === narrow[axis])
  );
}

function findTensor(
  tensors: TensorSpec[],
  name: string,
): TensorSpec | undefined {
  return tensors.find(tensor => tensor.name === name);
}

function show(tensor: TensorSpec): string {
  return `[${tensor.shape.join(', ')}]`;
}
