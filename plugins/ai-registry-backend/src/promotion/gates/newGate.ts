import type { Gate } from '@greenroom/plugin-ai-registry-common';

/** A gate that was not asked yet, or has to be asked again. */
export function newGate({ id, title }: Pick<Gate, 'id' | 'title'>): Gate {
  return { id, title, status: 'pending', summary: 'Not checked yet.' };
}
