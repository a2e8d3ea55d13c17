import type { StatusTone } from '@greenroom/ai-react';
import type { VersionSigning } from '@greenroom/plugin-ai-registry-common';

/** How a version's signature is shown. */
export function describeSigning(signing: VersionSigning | undefined): {
  tone: StatusTone;
  label: string;
  reason?: string;
} {
  if (!signing) return { tone: 'neutral', label: 'Not signed' };
  const { verification } = signing;
  switch (verification.state) {
    case 'verified':
      return {
        tone: 'good',
        label: `Signed by ${verification.key}`,
        reason: 'The key has signed exactly these files.',
      };
    case 'invalid':
      return {
        tone: 'bad',
        label: 'Signature is not good',
        reason: sentence(verification.reason),
      };
    default:
      return {
        tone: 'warning',
        label: 'Signed by an unknown key',
        reason: sentence(verification.reason),
      };
  }
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
