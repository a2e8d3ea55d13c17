import type { ExternalDescriptor } from '@greenroom/bundle-file';

/** A field of the descriptors of two versions, as people read it; undefined where one has none. */
export interface DescriptorField {
  name: string;
  base?: string;
  candidate?: string;
  changed: boolean;
}

/** What two versions that run at providers say, field by field: what differs, and what stays. */
export function compareDescriptors(
  base: ExternalDescriptor | undefined,
  candidate: ExternalDescriptor | undefined,
): DescriptorField[] {
  const one = fieldsOf(base);
  const other = fieldsOf(candidate);
  return [...new Set([...one.keys(), ...other.keys()])].map(name => ({
    name,
    base: one.get(name),
    candidate: other.get(name),
    changed: one.get(name) !== other.get(name),
  }));
}

function fieldsOf(
  descriptor: ExternalDescriptor | undefined,
): Map<string, string> {
  if (!descriptor) return new Map();
  const { connection, model, tasks, tensors, parameters, messages } =
    descriptor;
  return new Map([
    ['Connection', connection],
    ['Model', model],
    ...(tensors
      ? ([
          ['Protocol', tensors.protocol],
          ['Inputs', showTensors(tensors.signature.inputs)],
          ['Outputs', showTensors(tensors.signature.outputs)],
        ] as const)
      : // Their order says nothing.
        ([['Tasks', [...tasks].sort().join(', ')]] as const)),
    ...Object.entries(parameters)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, value]): [string, string] => [
        `Parameter ${name}`,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ...messages.map(({ role, content }, index): [string, string] => [
      `Message ${index + 1}`,
      `${role}: ${content}`,
    ]),
  ]);
}

function showTensors(
  tensors: readonly { name: string; datatype: string; shape: number[] }[],
): string {
  return tensors
    .map(
      ({ name, datatype, shape }) =>
        `${name}: ${datatype} [${shape.join(', ')}]`,
    )
    .join('\n');
}
