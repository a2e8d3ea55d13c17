import type { EnvironmentDefinition } from '@greenroom/plugin-ai-registry-common';

/** Who has to say yes before a change is merged, as a sentence. */
export function describeApprovals({
  requiredApprovals,
  approverGroups,
}: Pick<
  EnvironmentDefinition,
  'requiredApprovals' | 'approverGroups'
>): string {
  const from =
    approverGroups === undefined
      ? ''
      : ` from ${approverGroups
          .map(group => group.replace(/^group:(default\/)?/, ''))
          .join(' or ')}`;
  return requiredApprovals === 1
    ? `The change is reviewed by a second person${from} before it is merged.`
    : `The change is approved by ${requiredApprovals} other people${from} before it is merged.`;
}
